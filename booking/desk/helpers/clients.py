"""Those a helper helps: the person, an account of their own for what comes, and a code to their phone."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from booking.country.core import register
from booking.country.core.attempts import about, charge
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.passwords import NOBODYS
from booking.country.core.register import open_phone, seal_national_number, seal_phone
from booking.country.core.security import Origin
from booking.country.packs.phone import normalise_phone
from booking.country.packs.quotas import HelperLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.errors import (
    ConsentMissingError,
    HelperCapReachedError,
    PaperCapReachedError,
    TooManyAtOnceError,
)
from booking.desk.helpers.rows import active_helper, consent_of
from booking.people.accounts.codes import Purpose, charge_code, issue_code
from booking.people.accounts.household import known_person, level_of, matches
from booking.people.accounts.identity import Identity, note_identity
from booking.people.accounts.opening import AccountForm, insert_account
from booking.platform.base import fields
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import latin_digits, noted
from booking.platform.models import Account, Consent, Helper, HelperUse, HouseholdMember, Person, Request
from booking.platform.models.accounts.helper import ConsentState, HelperState
from booking.platform.models.states import Role
from booking.scheduling.requests.helper_devices import note_device

MOST_AT_ONCE: Final = 500
MOST_A_MONTH: Final = 10_000
_LONGEST: Final = 6
_OPEN: Final = (ConsentState.ASKED, ConsentState.GIVEN)

_TAKE: Final = text("""
    INSERT INTO helper_use (helper_id, period, taken)
    SELECT helper.id, cap.period, 1
    FROM helper CROSS JOIN LATERAL (VALUES (:day, per_day), (:month, per_month)) AS cap (period, most)
    WHERE helper.id = :helper AND helper.state = 'active'
    ON CONFLICT (helper_id, period) DO UPDATE SET taken = helper_use.taken + 1
    WHERE helper_use.taken < (
        SELECT CASE WHEN helper_use.period = :day THEN per_day ELSE per_month END FROM helper WHERE id = :helper)
    RETURNING period
""")

_TAKE_PAPER: Final = text("""
    INSERT INTO helper_use (helper_id, period, taken)
    SELECT CAST(:helper AS uuid), :day, 1 WHERE :most > 0
    ON CONFLICT (helper_id, period) DO UPDATE SET taken = helper_use.taken + 1 WHERE helper_use.taken < :most
    RETURNING period
""")


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that a helper may do."""

    per_day: int
    per_month: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a helper may still do: requests today and this month, of these on paper today, people at once."""

    today: int
    month: int
    papers: int
    people: int


def read_caps(typed: dict[str, str], errors: list[FieldError]) -> Caps:
    """Read the three caps as typed under the names of `Caps`; what is wrong is added to ``errors``."""
    month = _number("per_month", typed["per_month"], MOST_A_MONTH, errors)
    day = _number("per_day", typed["per_day"], month or MOST_A_MONTH, errors)
    people = _number("at_once", typed["at_once"], MOST_AT_ONCE, errors)
    return Caps(day, month, people)


def take_use(session: Session, core: Core, helper: Helper) -> None:
    """Count one request of a helper, today and this month, by one conditional statement.

    Raises
    ------
    HelperCapReachedError
        One of the two is used up; the caller's transaction must not be committed then.
    """
    day, month = _periods(core.today())
    taken = session.execute(_TAKE, {"helper": helper.id, "day": day, "month": month}).all()
    if len(taken) < 2:  # noqa: PLR2004 - both caps, or none
        raise HelperCapReachedError


def take_paper(session: Session, core: Core, helper: Helper) -> None:
    """Count one request on paper today, beside what `take_use` counts.

    Raises
    ------
    PaperCapReachedError
        As many were sent today as policy allows; nothing is counted.
    PolicyMissingError
        No quota policy is active.
    """
    most = policy_limits.read(session, HelperLimits).helper_papers_per_day
    values = {"helper": helper.id, "day": _papers_of(core.today()), "most": most}
    if session.execute(_TAKE_PAPER, values).one_or_none() is None:
        raise PaperCapReachedError(most)


def take_person(session: Session, core: Core, helper: Helper) -> None:
    """Make sure that one person more may be helped at once, by a helper who does nothing else meanwhile.

    Raises
    ------
    TooManyAtOnceError
        Others come first: their requests are to be sent, or their consent ends within a day.
    """
    if people_now(session, core, helper.id) >= helper.at_once:
        raise TooManyAtOnceError(helper.at_once)


def people_now(session: Session, core: Core, helper_id: UUID) -> int:
    """Count the people whose consent a helper asked for or has, and did not use yet."""
    return (
        session.scalar(
            select(func.count()).where(
                Consent.helper_id == helper_id, Consent.state.in_(_OPEN), Consent.ends_at > core.clock.now()
            )
        )
        or 0
    )


def left(session: Session, core: Core, helper: Helper) -> Left:
    """Return what a helper may still do."""
    day, month = _periods(core.today())
    papers = _papers_of(core.today())
    rows = select(HelperUse.period, HelperUse.taken).where(
        HelperUse.helper_id == helper.id, HelperUse.period.in_([day, month, papers])
    )
    taken = {row.period: row.taken for row in session.execute(rows)}
    today = max(0, helper.per_day - taken.get(day, 0))
    papers_a_day = policy_limits.read(session, HelperLimits).helper_papers_per_day
    return Left(
        today=today,
        month=max(0, helper.per_month - taken.get(month, 0)),
        papers=min(today, max(0, papers_a_day - taken.get(papers, 0))),
        people=max(0, helper.at_once - people_now(session, core, helper.id)),
    )


def _periods(today: date) -> tuple[str, str]:
    return today.isoformat(), today.isoformat()[:7]


def _papers_of(today: date) -> str:
    return f"{today:p%Y%m%d}"


def _number(field: str, typed: str, most: int, errors: list[FieldError]) -> int:
    plain = latin_digits(typed.strip())[:_LONGEST]
    if not (plain.isascii() and plain.isdecimal() and 1 <= int(plain) <= most):
        errors.append(FieldError(field, "no_cap", most=most))
        return 0
    return int(plain)


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


LEFT: Final = "its owner closed the account"
"""Why a helper who left is suspended, in the words that its office reads."""


def withdraw_consents_in(session: Session, core: Core, account_id: UUID) -> int:
    """Withdraw every consent that an account gave or was asked for; return how many. Nobody is told."""
    return len(_withdraw(session, core, Consent.account_id == account_id))


def stop_helping_in(session: Session, core: Core, account: Account) -> int:
    """Suspend the helper whose account this is, if it is one's; return how many consents of others ended by that.

    Those people keep their requests and are told that the helper does not see them any more.
    """
    helper = session.scalar(select(Helper).where(Helper.account_id == account.id).with_for_update(of=Helper))
    if helper is None:
        return 0
    if helper.state is HelperState.ACTIVE:
        helper.move_to(HelperState.SUSPENDED)
        helper.suspended_reason = LEFT
    account.registered_helper = False
    ended = _withdraw(session, core, Consent.helper_id == helper.id)
    asked = {one.request_id: one.account_id for one in ended if one.request_id is not None}
    for request_id, reference in session.execute(select(Request.id, Request.reference).where(Request.id.in_(asked))):
        tell(session, core, asked[request_id], "consent_withdrawn", reference=reference)
    return len(ended)


def _withdraw(session: Session, core: Core, of: ColumnElement[bool]) -> list[Consent]:
    now = core.clock.now()
    standing = select(Consent).where(of, Consent.state != ConsentState.WITHDRAWN, Consent.ends_at > now)
    found = list(session.scalars(standing.order_by(Consent.id).with_for_update(of=Consent)))
    for consent in found:
        consent.move_to(ConsentState.WITHDRAWN)
        consent.withdrawn_at = now
    return found
