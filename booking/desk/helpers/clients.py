"""Those a helper helps: the person, an account of their own for what comes, and a code to their phone."""

import secrets
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import register
from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.passwords import NOBODYS
from booking.country.core.sealed import open_phone, seal_national_number, seal_phone
from booking.country.packs.phone import normalise_phone
from booking.desk.helpers.caps import take_person
from booking.desk.helpers.errors import ConsentMissingError
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.accounts.code_limits import charge_code
from booking.people.accounts.codes import Purpose, issue_code
from booking.people.accounts.household import known_person, level_of, matches
from booking.people.accounts.identity import Identity, note_identity
from booking.people.accounts.opening import AccountForm, insert_account
from booking.platform.base import fields
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import noted
from booking.platform.models import Account, Consent, Helper, HouseholdMember, Person
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.states import Role
from booking.scheduling.requests.helper_devices import note_device

ANSWER_WITHIN: Final = timedelta(hours=24)
"""How long a consent that was asked for can be given."""
SHOWN_OF_NAME: Final = 30
"""Letters of the organisation's name that fit in a text message."""


def ask_consent(
    core: Core,
    *,
    by: UUID,
    name: str,
    national_number: str,
    birth_date: date | str,
    phone: str,
    language: str,
    origin: Origin,
) -> UUID:
    """Ask a person for their consent by a code sent to their phone; returns the consent's id.

    What comes of it belongs to an account of the person: their own, where they have one with this phone, or one that
    they can take over later.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed.
    HelperSuspendedError
        The helper is suspended.
    TooManyAtOnceError
        As many people as the helper may have at once were asked for their consent, or gave it, and it was not used yet.
    TooManyAttemptsError
        The helper asked too many people, or too often for this one.
    TooManyCodesError
        Too many codes were sent to this phone, its range, from this network, or in all.
    ForbiddenError
        The account is not a helper's.
    NotFoundError
        The helper was never registered.
    """
    errors: list[FieldError] = []
    identity = note_identity(core, errors, name=name, national_number=national_number, birth_date=birth_date)
    with noted(errors):
        phone = normalise_phone(fields.number("phone", phone), core.pack.country.phone_region)
    with noted(errors):
        language = fields.language(language, core.languages)
    fields.raise_all(errors)
    with core.sessions.begin() as session:
        active_helper(session, by)
    charge(core, "register", {"account": str(by), "person": about(by, identity.number)}, helper=True)
    charge_code(core, origin=Origin(origin.network, ""), phone=phone)
    matched = matches(core, register.Identity(identity.number, identity.name, identity.born))
    form = AccountForm(f"person-{secrets.token_hex(8)}", "", phone, language)
    with core.sessions.begin() as session:
        helper = active_helper(session, by, alone=True)
        take_person(session, core, helper)
        person = known_person(session, core, seal_national_number(core.vault, identity.number), identity.born)
        if matched:
            person.birth_date = identity.born
        account_id = _account_of(session, core, person, phone) or _new_account(
            session, core, helper, form, person, identity, matched=matched
        )
        now = core.clock.now()
        consent = Consent(
            helper_id=helper.id, account_id=account_id, person_id=person.id, asked_at=now, ends_at=now + ANSWER_WITHIN
        )
        session.add(consent)
        session.flush()
        note_device(session, core, helper, origin)
        _send(session, core, helper, consent)
        return consent.id


def send_again(core: Core, *, by: UUID, consent_id: UUID, origin: Origin) -> None:
    """Send another code for a consent that was not given yet; the one before stops working.

    Raises
    ------
    ConsentMissingError
        The consent was given already, withdrawn, is on paper, or is too old.
    HelperSuspendedError
        The helper is suspended.
    TooManyCodesError
        Too many codes were sent to this phone, its range, from this network, or in all.
    NotFoundError
        The helper did not ask for this consent, or was never registered.
    ForbiddenError
        The account is not a helper's.
    """
    with core.sessions.begin() as session:
        helper = active_helper(session, by)
        consent = consent_of(session, helper, consent_id, locked=True)
        on_paper = consent.paper_reference is not None
        if on_paper or consent.state is not ConsentState.ASKED or consent.is_over(core.clock.now()):
            raise ConsentMissingError
        phone = open_phone(core.vault, session.get_one(Account, consent.account_id))
        charge_code(core, origin=Origin(origin.network, ""), phone=phone, account=str(consent.account_id))
        _send(session, core, helper, consent)


def _send(session: Session, core: Core, helper: Helper, consent: Consent) -> None:
    issue_code(
        session,
        core,
        account_id=consent.account_id,
        purpose=Purpose.HELPER_CONSENT,
        subject=str(consent.id),
        organisation=helper.organisation[:SHOWN_OF_NAME],
    )


def _account_of(session: Session, core: Core, person: Person, phone: str) -> UUID | None:
    """Find the account that the person has with this phone; one that they sign in to before one that they do not."""
    return session.scalar(
        select(Account.id)
        .join(HouseholdMember, HouseholdMember.account_id == Account.id)
        .where(
            Account.phone_hash == seal_phone(core.vault, phone).hash,
            Account.closed_at.is_(None),
            Account.roles == [Role.CITIZEN.value],
            HouseholdMember.person_id == person.id,
            Account.unclaimed | (Account.phone_confirmed_at.is_not(None) & (HouseholdMember.relation == "self")),
        )
        .order_by(Account.unclaimed, Account.created_at)
        .limit(1)
    )


def _new_account(
    session: Session,
    core: Core,
    helper: Helper,
    form: AccountForm,
    person: Person,
    identity: Identity,
    *,
    matched: bool,
) -> UUID:
    account_id = insert_account(
        session, core, form, password_hash=NOBODYS, roles=(Role.CITIZEN,), door=helper.office.door
    )
    session.get_one(Account, account_id).unclaimed = True
    session.add(
        HouseholdMember(
            account_id=account_id,
            person_id=person.id,
            name=identity.name,
            relation="self",
            created_at=core.clock.now(),
            typed_birth_date=identity.born,
            level=level_of(matched=matched),
        )
    )
    return account_id
