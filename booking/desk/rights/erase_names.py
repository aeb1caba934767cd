"""The first step of forgetting an account: names, numbers, birth dates, phone, channels, ways to sign in, messages."""

import secrets
from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.passwords import NOBODYS
from booking.country.core.sealed import seal_national_number
from booking.platform.base.fields import EARLIEST_BIRTH
from booking.platform.models import (
    Account,
    CalendarFeed,
    CitizenSubject,
    Consent,
    ContactChannel,
    CredentialOffer,
    Dispute,
    EndedClaim,
    Helper,
    HelperDevice,
    HouseholdMember,
    IdempotencyKey,
    IncomingMessage,
    IssuedResult,
    KnownDevice,
    LostFactor,
    Message,
    NoticeChoice,
    OnlineCase,
    Passkey,
    Person,
    PhoneChange,
    PhoneCode,
    ProviderSubject,
    RecoveryCode,
    Request,
    RequestLeft,
    RequestMember,
    SecondFactor,
    StaffLeave,
    StaffPerson,
    StaffTerms,
)

GONE: Final = (
    CalendarFeed,
    CitizenSubject,
    ContactChannel,
    CredentialOffer,
    Dispute,
    EndedClaim,
    HouseholdMember,
    IdempotencyKey,
    IncomingMessage,
    KnownDevice,
    LostFactor,
    Message,
    NoticeChoice,
    Passkey,
    PhoneChange,
    PhoneCode,
    ProviderSubject,
    RecoveryCode,
    SecondFactor,
    StaffLeave,
    StaffTerms,
)
"""Tables whose rows of an account go; what hangs on them goes too."""
BATCH: Final = 500
_HASH_BYTES: Final = 32


def erase_names(session: Session, core: Core, account: Account) -> None:
    """Take everything out of an account that names somebody; a row without a name stays."""
    people = _people(session, account.id)
    for table in GONE:
        session.execute(delete(table).where(table.account_id == account.id))
    account.username, account.password_hash = f"erased-{uuid4().hex}", NOBODYS
    account.phone_ciphertext = account.phone_hash = b""
    account.phone_confirmed_at = None
    helper = session.scalar(select(Helper).where(Helper.account_id == account.id))
    if helper is not None:
        session.execute(delete(HelperDevice).where(HelperDevice.helper_id == helper.id))
        helper.organisation, helper.licence = "–", f"erased-{helper.id.hex}"
    session.flush()
    forget_people(session, core, people)


def forget_people(session: Session, core: Core, people: Iterable[UUID]) -> None:
    """Empty the people for whom nobody acts any more; the row goes where nothing refers to it."""
    for person_id in sorted(people):
        # Locked first and then looked at: who adds the person to a household locks the row too.
        person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
        if person is None or session.scalar(select(_is_known(core, person_id))):
            continue
        if session.scalar(select(_is_named(person_id))):
            nobody = seal_national_number(core.vault, "")
            person.national_number_ciphertext = nobody.ciphertext
            person.national_number_hash = secrets.token_bytes(_HASH_BYTES)
            person.birth_date = EARLIEST_BIRTH
        else:
            session.delete(person)
        session.flush()


def erase_ended_results(core: Core) -> int:
    """Empty what results of erased accounts show once they ended, and forget their holders; return how many."""
    ended = or_(IssuedResult.valid_until < core.today(), IssuedResult.revoked_at.is_not(None))
    old = (
        select(IssuedResult)
        .join(OnlineCase, OnlineCase.id == IssuedResult.case_id)
        .join(Account, Account.id == OnlineCase.account_id)
        .where(Account.erasure > 0, IssuedResult.content != b"", ended)
        .order_by(IssuedResult.id)
        .limit(BATCH)
        .with_for_update(of=IssuedResult, skip_locked=True)
    )
    with core.sessions.begin() as session:
        found = session.scalars(old).all()
        for result in found:
            result.content = b""
        session.flush()
        forget_people(session, core, {result.person_id for result in found})
    return len(found)


def _people(session: Session, account_id: UUID) -> set[UUID]:
    asked = select(RequestMember.person_id).join(Request).where(Request.account_id == account_id)
    mine = (
        select(RequestLeft.person_id).join(Request).where(Request.account_id == account_id),
        select(HouseholdMember.person_id).where(HouseholdMember.account_id == account_id),
        select(OnlineCase.person_id).where(OnlineCase.account_id == account_id),
        select(Consent.person_id).where(Consent.account_id == account_id),
    )
    return set(session.scalars(asked.union(*mine)))


def _is_known(core: Core, person_id: UUID) -> ColumnElement[bool]:
    """Return the condition that somebody acts for a person, or has asked for them, or that a result of theirs holds."""
    of_others = Account.erasure == 0
    holds = or_(IssuedResult.valid_until.is_(None), IssuedResult.valid_until >= core.today())
    return or_(
        exists().where(HouseholdMember.person_id == person_id),
        exists().where(StaffPerson.person_id == person_id),
        *(
            exists().where(
                asked.person_id == person_id,
                Request.id == asked.request_id,
                Account.id == Request.account_id,
                of_others,
            )
            for asked in (RequestMember, RequestLeft)
        ),
        exists().where(OnlineCase.person_id == person_id, Account.id == OnlineCase.account_id, of_others),
        exists().where(Consent.person_id == person_id, Account.id == Consent.account_id, of_others),
        exists().where(IssuedResult.person_id == person_id, IssuedResult.revoked_at.is_(None), holds),
    )


def _is_named(person_id: UUID) -> ColumnElement[bool]:
    return or_(
        exists().where(RequestMember.person_id == person_id),
        exists().where(RequestLeft.person_id == person_id),
        exists().where(EndedClaim.person_id == person_id),
        exists().where(Dispute.person_id == person_id),
        exists().where(OnlineCase.person_id == person_id),
        exists().where(Consent.person_id == person_id),
        exists().where(IssuedResult.person_id == person_id),
    )
