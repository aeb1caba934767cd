"""What happens after the gate: a challenge answered, a refusal appealed, an officer's decision."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from booking.antifraud.gate.labels import learn
from booking.antifraud.gate.signed_paper import PAPER_NOT_ACCEPTED, not_accepted, on_paper
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, may_be_second, refuse_own_request, require
from booking.country.core.messages import tell
from booking.country.packs.quotas import AppealLimits
from booking.country.policy import limits as policy_limits
from booking.people.accounts.codes import Purpose, spend_code
from booking.platform.base import fields
from booking.platform.base.errors import (
    AppealExistsError,
    FieldError,
    ForbiddenError,
    IllegalMoveError,
    InvalidInputError,
    NothingToAppealError,
    OtherOfficerNeededError,
    WrongCodeError,
)
from booking.platform.models import Account, Appeal, Consent, HouseholdMember, Request, Verdict
from booking.platform.models.base import Json
from booking.platform.models.identity import IdentityLevel
from booking.platform.models.states import AppealState, LabelKind, RequestState
from booking.scheduling.requests.asking.screen import Screened
from booking.scheduling.requests.keep import hold_party, one_live_request
from booking.scheduling.requests.rows import locked_hold, locked_request, require_challenged
from fraud.gate import Decision


def last_day_for_answer(session: Session, core: Core) -> date:
    """Return the last day on which an appeal that comes now should be answered, in the country's own time.

    Raises PolicyMissingError.
    """
    return core.today() + timedelta(days=policy_limits.read(session, AppealLimits).appeal_days)


def waits_for_answer() -> ColumnElement[bool]:
    """Return the condition that an appeal and its request are open: one that was withdrawn needs no answer any more."""
    return (Appeal.state == AppealState.OPEN) & Appeal.request.has(Request.state == RequestState.UNDER_REVIEW)


def escalate_appeals(core: Core) -> int:
    """Mark the appeals whose last day is over, each once, so that supervisors see them; return how many."""
    with core.sessions.begin() as session:
        late = session.execute(
            update(Appeal)
            .where(waits_for_answer(), Appeal.answer_by < core.today(), Appeal.escalated_at.is_(None))
            .values(escalated_at=core.clock.now())
            .returning(Appeal.id)
            .execution_options(synchronize_session=False)
        ).all()
        return len(late)


def wait_for_paper(screened: Screened) -> Screened:
    """Have a request on paper wait for an officer, unless the gate refuses it anyway."""
    return replace(screened, verdict=on_paper(screened.verdict))


def is_on_paper(session: Session, request_id: UUID) -> bool:
    """Return whether a request was asked for with a signed paper."""
    found = select(Consent.id).where(Consent.request_id == request_id, Consent.paper_reference.is_not(None))
    return session.scalar(found) is not None


def paper_was_refused(session: Session, request: Request) -> bool:
    """Return whether a request stands refused because its paper was not accepted."""
    if request.state is not RequestState.REFUSED:
        return False
    last = session.scalar(
        select(Verdict.reasons).where(Verdict.request_id == request.id).order_by(Verdict.decided_at.desc()).limit(1)
    )
    return any(reason["code"] == PAPER_NOT_ACCEPTED.code for reason in last or ())


def accounts_with_phone(session: Session, person_id: UUID) -> list[UUID]:
    """List the accounts with a confirmed phone that a person holds: they are told when somebody signs for them."""
    return list(
        session.scalars(
            select(Account.id)
            .join(HouseholdMember, HouseholdMember.account_id == Account.id)
            .where(
                HouseholdMember.person_id == person_id,
                HouseholdMember.relation == "self",
                Account.phone_hash != b"",
                Account.phone_confirmed_at.is_not(None),
                Account.closed_at.is_(None),
            )
            .order_by(Account.id)
        )
    )


OFFICER_ASKS: Final[Json] = {
    "code": "officer_asks",
    "ar": "يطلب موظف أن تؤكد هذا الطلب بالرمز الذي نرسله إلى هاتفك",
    "en": "An officer asks you to confirm this request with the code that we send to your phone",
}
ANSWERED: Final[Json] = {
    "code": "challenge_answered",
    "ar": "أجبت عن طلب التحقق",
    "en": "You answered the check",
}


def answer_challenge(core: Core, *, account_id: UUID, reference: str, code: str) -> None:
    """Answer a challenge with the code that was sent to the phone; the request is then accepted.

    Raises
    ------
    WrongCodeError
        The code is wrong, used, too old, or was tried too often. The try is counted.
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for an answer.
    """
    with core.sessions.begin() as session:
        right = answer_challenge_in(session, core, account_id=account_id, reference=reference, code=code)
    if not right:
        raise WrongCodeError


def answer_challenge_in(session: Session, core: Core, *, account_id: UUID, reference: str, code: str) -> bool:
    """Answer a challenge in the caller's transaction; return whether the code was right.

    The caller commits when the answer is no, too: the try is counted only then.

    Raises
    ------
    HoldExpiredError
        The request was an instant booking, and its place was not kept for so long.
    NotFoundError
        The account has no such request.
    IllegalMoveError
        The request does not wait for an answer.
    """
    request = locked_request(session, reference, account_id=account_id)
    require_challenged(session, request)
    right = spend_code(session, core, account_id=account_id, purpose=Purpose.CHALLENGE, code=code, subject=reference)
    if right:
        pass_challenge(session, core, request, how=ANSWERED)
    return right


def pass_challenge(session: Session, core: Core, request: Request, *, how: Json) -> None:
    """Accept a challenged, locked request; ``how`` is the reason that its new verdict gives.

    An instant booking does not wait for a draw: its place is kept once more for as long as any hold.
    """
    hold = locked_hold(session, request)
    request.move_to(RequestState.ACCEPTED if hold is None else RequestState.HELD)
    _decide(session, core, request, Decision.ACCEPT, reasons=[how])
    if hold is None:
        tell(session, core, request.account_id, "request_accepted", reference=request.reference)
    else:
        hold.confirm_by = min(core.clock.now() + core.settings.hold_lifetime, hold.starts_at)


def appeal(core: Core, *, account_id: UUID, reference: str, words: str) -> None:
    """Object to a refusal; the request waits for an officer's review.

    Who is in another account alone since it was refused stays out of it, and keeps nobody from appealing; so does who
    was proven then, and is only claimed now.

    Raises
    ------
    InvalidInputError
        ``words`` are empty or longer than 2,000 characters.
    NothingToAppealError
        The request was not refused, or the account acts for nobody in it any more.
    AppealExistsError
        The request was appealed before.
    AlreadyLiveError
        One of the people is in another live request.
    NotFoundError
        The account has no such request.
    PolicyMissingError
        No quota policy is active.
    """
    words = fields.words("words", words)
    with one_live_request(), core.sessions.begin() as session:
        acting = hold_party(session, account_id=account_id, reference=reference)
        request = locked_request(session, reference, account_id=account_id)
        if session.scalar(select(Appeal.id).where(Appeal.request_id == request.id)) is not None:
            raise AppealExistsError
        proven = {person for person, level in acting.items() if level.reaches(IdentityLevel.PROVEN)}
        party = proven | {one.person_id for one in request.members if one.person_id in acting and not one.proven}
        if request.state is not RequestState.REFUSED or not party:
            raise NothingToAppealError
        verdict = session.scalars(
            select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at.desc()).limit(1)
        ).one()
        request.move_to(RequestState.UNDER_REVIEW)
        for member in request.members:
            member.live, member.proven = member.person_id in party, member.person_id in proven
        session.add(
            Appeal(
                request=request,
                verdict_id=verdict.id,
                words=words,
                created_at=core.clock.now(),
                answer_by=last_day_for_answer(session, core),
            )
        )
        tell(session, core, account_id, "appeal_received", reference=reference)


def decide_review(
    core: Core, *, officer_id: UUID, reference: str, accept: bool, note: str, bad_paper: bool = False
) -> None:
    """Decide a request that waits for an officer; the decision, its note and the officer are kept and audited.

    Parameters
    ----------
    bad_paper
        Refused because the signed consent is not accepted. It says nothing about hoarding: no label is learned from it.

    Raises
    ------
    ForbiddenError
        The account may not decide reviews (or appeals, where it is one).
    OwnCaseError
        The request is of the officer's own person, household or phone.
    OtherOfficerNeededError
        This person made the decision that is appealed, with this account or another one.
    InvalidInputError
        There is no note, or one that is too long; ``decision``: no paper was signed for this request, or it is
        accepted.
    NotFoundError
        There is no such request.
    IllegalMoveError
        The request is decided already: of two officers the first decides.
    """
    note = fields.words("note", note)
    now = core.clock.now()
    with core.sessions.begin() as session:
        officer, request = _under_review(
            session, officer_id, reference, RequestState.ACCEPTED if accept else RequestState.REFUSED
        )
        if bad_paper and (accept or not is_on_paper(session, request.id)):
            raise InvalidInputError([FieldError("decision", "unknown")])
        open_appeal = _open_appeal(session, request)
        if open_appeal is not None:
            require(officer, Permission.DECIDE_APPEALS)
            first = session.get_one(Verdict, open_appeal.verdict_id).officer_id
            if not may_be_second(session, core, officer_id, first):
                raise OtherOfficerNeededError
            open_appeal.state = AppealState.UPHELD if accept else AppealState.REJECTED
            open_appeal.decided_at, open_appeal.decided_by = now, officer_id
        request.move_to(RequestState.ACCEPTED if accept else RequestState.REFUSED)
        decision = Decision.ACCEPT if accept else Decision.REFUSE
        reasons = [not_accepted()] if bad_paper else []
        _decide(session, core, request, decision, reasons=reasons, officer_id=officer_id, note=note)
        if not bad_paper:
            learn(
                session,
                core,
                request_id=request.id,
                kind=LabelKind.REVIEW if open_appeal is None else LabelKind.APPEAL,
                value=not accept,
                source="officer",
                account_id=officer_id,
            )
        _record(session, core, officer, decision, request, note=note, appeal=open_appeal is not None)
        notice = f"request_{request.state.value}" if open_appeal is None else f"appeal_{open_appeal.state.value}"
        tell(session, core, request.account_id, notice, reference=reference)


def challenge_review(core: Core, *, officer_id: UUID, reference: str, note: str) -> None:
    """Ask the person for the code from their phone before a request that waits for an officer is accepted.

    The device's computation does not answer it. The person has three days, as after the gate's own challenge.

    Raises
    ------
    ForbiddenError
        The account may not decide reviews, or the request was appealed: an appeal gets an answer; or it stands on a
        signed paper, whose person has no phone.
    OwnCaseError
        The request is of the officer's own person, household or phone.
    InvalidInputError
        There is no note, or one that is too long.
    NotFoundError
        There is no such request.
    IllegalMoveError
        The request is decided already.
    """
    note = fields.words("note", note)
    with core.sessions.begin() as session:
        officer, request = _under_review(session, officer_id, reference, RequestState.CHALLENGED)
        if _open_appeal(session, request) is not None or is_on_paper(session, request.id):
            raise ForbiddenError
        request.move_to(RequestState.CHALLENGED)
        _decide(session, core, request, Decision.CHALLENGE, reasons=[OFFICER_ASKS], officer_id=officer_id, note=note)
        _record(session, core, officer, Decision.CHALLENGE, request, note=note, appeal=False)
        tell(session, core, request.account_id, "request_challenged", reference=reference)


def _under_review(session: Session, officer_id: UUID, reference: str, target: RequestState) -> tuple[Account, Request]:
    """Lock a request that waits for an officer, for one who may decide it."""
    officer = require(session.get(Account, officer_id), Permission.DECIDE_REVIEWS)
    request = locked_request(session, reference)
    refuse_own_request(session, officer_id, request.id)
    if request.state is not RequestState.UNDER_REVIEW:
        raise IllegalMoveError(request.state, target)
    return officer, request


def _open_appeal(session: Session, request: Request) -> Appeal | None:
    return session.scalar(select(Appeal).where(Appeal.request_id == request.id, Appeal.state == AppealState.OPEN))


def _record(
    session: Session, core: Core, officer: Account, decision: Decision, request: Request, *, note: str, appeal: bool
) -> None:
    audit.record(session, core, officer, f"review.{decision.value}", request.reference, note=note, appeal=appeal)


def _decide(
    session: Session,
    core: Core,
    request: Request,
    decision: Decision,
    *,
    reasons: list[Json],
    officer_id: UUID | None = None,
    note: str = "",
) -> None:
    request.decided_at = core.clock.now()
    session.add(
        Verdict(
            request=request,
            decision=decision.value,
            reasons=reasons,
            score=None,
            inputs={},
            versions={},
            degraded=False,
            officer_id=officer_id,
            note=note,
            decided_at=core.clock.now(),
        )
    )
