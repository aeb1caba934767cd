"""Forget the owners of closed accounts: names first, then words, at last the keyed hashes by which the past is counted.

One account is one transaction, so nothing waits long; a run that breaks off goes on where it was.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.passwords import NOBODYS
from booking.country.core.register import seal_national_number
from booking.country.packs.quotas import HelperLimits, RightsLimits, UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.desk.rights.copy import KEPT
from booking.eservices.online.originals import KEPT_FOR, PAPERS_KEPT
from booking.eservices.online.rows import seal_answers
from booking.platform.base.fields import EARLIEST_BIRTH
from booking.platform.models import (
    Account,
    Appeal,
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
    Outcome,
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
    UrgentRequest,
    Verdict,
)
from booking.platform.models.online.case import RUNNING, OnlineState
from booking.platform.models.states import LIVE_REQUEST_STATES
from booking.scheduling.swaps.schedule import KEPT as EXCHANGE_KEPT

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


def erase_words(session: Session, core: Core, account: Account) -> None:
    """Empty the words of appeals and urgent cases, the answers of online cases, and notes that can be changed."""
    mine = select(Request.id).where(Request.account_id == account.id)
    session.execute(update(Appeal).where(Appeal.request_id.in_(mine)).values(words=""))
    session.execute(update(Verdict).where(Verdict.request_id.in_(mine)).values(note=""))
    session.execute(
        update(UrgentRequest).where(UrgentRequest.account_id == account.id).values(words="", evidence_note="")
    )
    for case in session.scalars(
        select(OnlineCase).where(OnlineCase.account_id == account.id).with_for_update(of=OnlineCase)
    ):
        case.answers, case.note = seal_answers(core.vault, case.id, {}), ""


def erase_traces(session: Session, _core: Core, account: Account) -> None:
    """Empty the keyed hashes of devices, networks and phones in requests and in how appointments ended."""
    session.execute(
        update(Request)
        .where(Request.account_id == account.id)
        .values(device_hash=b"", network_hash=b"", phone_hash=b"")
    )
    session.execute(update(Outcome).where(Outcome.account_id == account.id).values(device_hash=b"", phone_hash=b""))


"""Accounts of one step in one run; the next night goes on."""
ACTOR: Final = "erasure"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of forgetting an account: ``days`` after the closing, by the limits of the active policy."""

    days: Callable[[RightsLimits], int]
    do: Callable[[Session, Core, Account], None]


STEPS: Final[Mapping[int, Step]] = {
    1: Step(lambda limits: limits.account_reopen_days, erase_names),
    2: Step(lambda limits: limits.erase_words_days, erase_words),
    3: Step(lambda limits: limits.erase_traces_days, erase_traces),
}
"""What is done in which order; `Account.erasure` is the last one done."""


def erase_closed(core: Core) -> int:
    """Take every step that is due, and end what issued results show once they ended; return how many steps.

    An account waits while anything of it runs, as an online case at its agency.

    Raises
    ------
    PolicyMissingError
        No quota policy is active.
    """
    with core.sessions() as session:
        limits = policy_limits.read(session, RightsLimits)
    done = {number: _step(core, limits, number) for number in STEPS}
    results = erase_ended_results(core)
    if any(done.values()) or results:
        with core.sessions.begin() as session:
            audit.append(
                session,
                at=core.clock.now(),
                actor=ACTOR,
                action="accounts.erased",
                subject=core.today().isoformat(),
                details={"names": done[1], "words": done[2], "traces": done[3], "results": results},
            )
    return sum(done.values())


def _step(core: Core, limits: RightsLimits, number: int) -> int:
    step, done = STEPS[number], 0
    due = _due(number).where(Account.closed_at <= core.clock.now() - timedelta(days=step.days(limits)))
    with core.sessions() as session:
        found = session.scalars(due.limit(BATCH)).all()
    for account_id in found:
        with core.sessions.begin() as session:
            mine = due.with_only_columns(Account).where(Account.id == account_id)
            account = session.scalar(mine.with_for_update(of=Account, key_share=True, skip_locked=True))
            if account is None:
                continue
            account.erased_at = account.erased_at or core.clock.now()
            account.erasure = number
            step.do(session, core, account)
            done += 1
    return done


def _due(number: int) -> Select[UUID]:
    runs = (
        exists().where(OnlineCase.account_id == Account.id, OnlineCase.state.in_(RUNNING)),
        exists().where(Request.account_id == Account.id, Request.state.in_(LIVE_REQUEST_STATES)),
    )
    return (
        select(Account.id)
        .where(Account.closed_by_owner, Account.erasure == number - 1, *(~one for one in runs))
        .order_by(Account.closed_at)
    )


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How many days each is kept.

    A form that was begun online since its last change, and its papers after the case; papers with an urgent case and
    with a helper's request after the decision; who took part in a night of the exchange; the record of messages; a copy
    of one's data; a closed account.
    """

    online_draft: int
    online_papers: int
    urgent_evidence: int
    helper_papers: int
    exchange: int
    messages: int
    data_copy: int
    closed_account: int


def kept_for(core: Core) -> KeptFor:
    """Read the times from the policy in force and from the rules of each subject."""
    with core.sessions() as session:
        active = policy_limits.find_active_limits(session)
    return KeptFor(
        online_draft=KEPT_FOR[OnlineState.DRAFT].days,
        online_papers=PAPERS_KEPT.days,
        urgent_evidence=policy_limits.pick(UrgentLimits, active).urgent_evidence_days,
        helper_papers=policy_limits.pick(HelperLimits, active).helper_paper_kept_days,
        exchange=EXCHANGE_KEPT.days,
        messages=core.settings.reaching_kept.days,
        data_copy=KEPT.days,
        closed_account=policy_limits.pick(RightsLimits, active).account_reopen_days,
    )
