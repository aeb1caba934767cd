"""Look once more at a request that was taken while the register was away, as soon as it answers."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.messages import tell
from booking.country.core.register import RegisterAwayError
from booking.country.places.rows import give_back
from booking.people.identity.attest import ask_to_attest, attest_in
from booking.people.identity.levels import ProofRefusedError
from booking.people.prerequisites.standing import PrerequisiteMissingError
from booking.platform.models import (
    Account,
    Appointment,
    CounterRequest,
    HouseholdMember,
    Request,
    RequestMember,
    Verdict,
)
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import WAITING_FOR_DRAW, RequestState
from booking.scheduling.requests.asking.screen import AWAY, REGISTER, Screened, ask_registers, hard_facts
from booking.scheduling.requests.rows import answer_end, locked_hold, refuse_during_draw
from booking.scheduling.requests.wish import Checked
from booking.scheduling.requests.wish_again import check_asking, errands_of, party_of
from fraud.facts import hard_refusals
from fraud.gate import Decision
from fraud.reasons import Reason

_WEAK = (IdentityLevel.CLAIMED, IdentityLevel.MATCHED)


def waits_for_register() -> ColumnElement[bool]:
    """Return the condition that a request is of somebody whom only a clerk saw: the register did not agree yet."""
    return exists().where(
        CounterRequest.request_id == Request.id,
        Verdict.request_id == Request.id,
        Verdict.inputs[REGISTER].as_string() == AWAY,
        RequestMember.request_id == Request.id,
        HouseholdMember.account_id == Request.account_id,
        HouseholdMember.person_id == RequestMember.person_id,
        HouseholdMember.level.in_(_WEAK),
    )


def unread(screened: Screened) -> Screened:
    """Return the verdict about somebody whom no register was asked about, so that it is judged again."""
    return replace(
        screened,
        inputs=screened.inputs | {REGISTER: AWAY},
        verdict=replace(screened.verdict, degraded=True),
    )


def register_agrees(core: Core, request_id: UUID) -> bool:
    """Tell the register whom a clerk saw, where that waits; return False for somebody whom it does not know.

    Raises
    ------
    booking.country.core.register.RegisterAwayError
        The register still does not answer.
    """
    with core.sessions() as session:
        waiting = session.execute(
            select(CounterRequest.clerk_id, HouseholdMember.account_id, HouseholdMember.id)
            .join(Request, Request.id == CounterRequest.request_id)
            .join(RequestMember, RequestMember.request_id == Request.id)
            .join(HouseholdMember, HouseholdMember.person_id == RequestMember.person_id)
            .where(Request.id == request_id, HouseholdMember.account_id == Request.account_id)
            .where(HouseholdMember.level.in_(_WEAK), waits_for_register())
        ).all()
    for clerk_id, account_id, member_id in waiting:
        try:
            asked, grant = ask_to_attest(
                core, account_id=account_id, member_id=member_id, kind=ProofKind.OFFICER, by=f"officer {clerk_id}"
            )
        except ProofRefusedError:
            return False
        with core.sessions.begin() as session:
            attest_in(session, core, asked=asked, kind=ProofKind.OFFICER, grant=grant)
            audit.record(session, core, session.get_one(Account, clerk_id), "counter.person_seen", str(member_id))
    return True


READ_LATER = "read_later"
_CAN_END = WAITING_FOR_DRAW | {RequestState.CHALLENGED, RequestState.UNDER_REVIEW, RequestState.DRAWN}


def judge_later(session: Session, request_id: UUID, screened: Screened) -> None:
    """Have a new request judged again where the register was away; in the transaction that keeps it."""
    if screened.inputs[REGISTER] == AWAY:
        enqueue(session, "judge_again", request_id=str(request_id))


def judge_again(core: Core, request_id: UUID) -> None:
    """Judge a request by what registers say now: one that they rule out lapses, with the reasons and a notice.

    Whom a clerk saw at a counter while it was away is seen now, or the request ends; so it does where its person has
    another turn. What has to be there on the day of the appointment is noted too. A draw that closes meanwhile counts
    on the request as on any other of people who are proven: nobody loses a turn because a register was down. A place
    that it offers ends with the request, and somebody else gets it, until the person has confirmed it; from then on the
    request stays, and so does an urgent one.

    Raises
    ------
    RegisterAwayError
        The register still does not answer; the job is tried again later, for as long as the request can end.
    DrawRunningError
        A closed draw counts on the request; the job is tried again later.
    """
    with core.sessions() as session:
        if session.get_one(Request, request_id).state not in _CAN_END:
            return
    agrees = register_agrees(core, request_id)
    with core.sessions() as session:
        request = session.get_one(Request, request_id)
        party = list(party_of(session, request))
        checked = Checked(session.get_one(Account, request.account_id), party, errands_of(request, party), [])
        each = [ask_registers(core, errand) for errand in checked.errands]
        if any(registers.away for registers in each):
            raise RegisterAwayError
        # not of who proved it: that grant was ended since
        each = [replace(registers, some_unknown=not agrees) for registers in each]
        hard = hard_facts(checked.errands, each, core.today())
        hard = replace(hard, has_live_request=_live_elsewhere(session, request))
        refusals = hard_refusals(hard)
        try:
            must_hold = check_asking(session, core, checked, request.door)
        except PrerequisiteMissingError:  # there may still be time: the draw looks at it on its own day
            must_hold = True
    with core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.id == request_id).with_for_update(of=Request)).one()
        offer = locked_hold(session, request)
        if not _can_end(request, offer):
            return
        refuse_during_draw(session, request)
        request.must_hold = must_hold
        verdict = session.scalars(
            select(Verdict).where(Verdict.request_id == request.id).order_by(Verdict.decided_at).limit(1)
        ).one()
        verdict.inputs = verdict.inputs | {REGISTER: READ_LATER}
        if refusals:
            if offer is not None:
                offer.cancel_without_outcome(core.clock.now())
                give_back(session, offer)
            _end(session, core, request, verdict, refusals)


def _live_elsewhere(session: Session, request: Request) -> bool:
    """Return whether somebody of a request, proven after it was made, has another live one for this kind of service.

    The request does not count as theirs then (`booking.people.identity.acting`), and must not bring a second
    turn.
    """
    party = party_of(session, request)
    proven = {member.person_id for member in party if member.is_proven}
    return any(one.live and not one.proven and one.person_id in proven for one in request.members)


def _can_end(request: Request, offer: Appointment | None) -> bool:
    """Return whether a locked request can end, given the place that waits for its answer, if any."""
    if request.state is RequestState.DRAWN:
        return offer is not None and offer.urgent_request_id is None
    return request.state in _CAN_END and offer is None


def _end(session: Session, core: Core, request: Request, before: Verdict, refusals: list[Reason]) -> None:
    session.add(
        Verdict(
            request=request,
            decision=Decision.REFUSE.value,
            reasons=[dict(reason.as_dict()) for reason in refusals],
            score=None,
            inputs=before.inputs,
            versions=before.versions,
            degraded=False,
            contributions={},
            decided_at=core.clock.now(),
        )
    )
    answer_end(session, core, request.id, RequestState.LAPSED)
    request.move_to(RequestState.LAPSED)
    tell(session, core, request.account_id, "request_ruled_out", reference=request.reference)
