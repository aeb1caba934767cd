"""An officer says yes, a second person agrees where policy demands it, and the appointment exists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, may_be_second
from booking.country.core.messages import tell_later
from booking.country.packs.quotas import UrgentLimits
from booking.country.places.rows import give_back
from booking.country.policy import limits as policy_limits
from booking.people.hands.handling import held_case, officer_for
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError
from booking.platform.base.references import new_reference
from booking.platform.models import Appointment, AppointmentPlaces, UrgentDecision, UrgentRequest
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    WAITING_FOR_DRAW,
    AppointmentState,
    Pool,
    RequestState,
    UrgentAct,
    UrgentState,
)
from booking.scheduling.urgent.errors import DifferentPersonNeededError, UrgentNotPossibleError
from booking.scheduling.urgent.lacking import going_on_record, lacks_on
from booking.scheduling.urgent.places import UrgentPlace, best_place, place_at, take_place
from booking.scheduling.urgent.rows import URGENT, decide, keep_decision, locked_case, record_decision


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an approval: the appointment's reference, or why a second person must agree first."""

    appointment: str | None
    second_for: tuple[str, ...] = ()


def approve(
    core: Core,
    *,
    officer_id: UUID,
    reference: str,
    reason: str,
    note: str,
    slot_id: int | None = None,
    beyond_pool: bool = False,
    going_on: str = "",
) -> Approved:
    """Approve a claimed case for a place; where policy demands nobody else, the appointment is made at once.

    Parameters
    ----------
    slot_id
        Where the place begins; None lets the earliest one at the request's own offices be chosen.
    beyond_pool
        Add the place to the slot's urgent pool, which always needs a supervisor's second approval.
    going_on
        Why to go on although something that must be there first is missing on that day; kept with the approval.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note; ``beyond_pool`` came without ``slot_id``, or policy
        allows none; ``going_on`` is empty where something is missing.
    UrgentPoolEmptyError
        There is no such place (any more).
    UrgentNotPossibleError
        The request is over, waits for a review or a check, or has an appointment that is not later.
    CaseNotInHandsError
        The case is not in this officer's hands, or not to be decided now.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case, officer = held_case(URGENT, session, reference, officer_id)
        limits = policy_limits.read(session, UrgentLimits)
        most = limits.urgent_overbooking_most if beyond_pool else 0
        if beyond_pool and (slot_id is None or not most):
            raise InvalidInputError([FieldError("slot", "choose_one")])
        if case.request.state not in WAITING_FOR_DRAW | {RequestState.DRAWN}:
            raise UrgentNotPossibleError
        if slot_id is None:
            place = best_place(session, core, case)
        else:
            place = place_at(session, core, case, slot_id, beyond_pool=most)
        case.over_pool = beyond_pool
        missing = going_on_record(lacks_on(session, core, case.request, place.local_day), going_on)
        wanted = second_reasons(session, case, officer.id, place.slot_id, core.clock.now(), beyond_pool=beyond_pool)
        decision = keep_decision(
            session,
            core,
            case=case,
            officer=officer,
            act=UrgentAct.APPROVAL,
            reason=reason,
            note=note,
            slot_id=place.slot_id,
            position=1,
            details={
                "office": place.office.code,
                "day": place.local_day.isoformat(),
                "second_for": list(wanted),
                **missing,
            },
        )
        if wanted:
            case.move_to(UrgentState.NEEDS_SECOND)
            approved = Approved(None, wanted)
        else:
            approved = _make_appointment(session, core, case, place, limits, decided_at=decision.at)
        record_decision(session, core, case, officer, decision)
        return approved


def approve_second(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> Approved:
    """Agree with the first approval, as a supervisor of the office; the appointment is made.

    Raises
    ------
    DifferentPersonNeededError
        The person made the first approval, with this account or another one.
    OwnCaseError
        The case is of the supervisor's own person, household or phone.
    UrgentPoolEmptyError
        The place is gone meanwhile: disagree, so that another one can be chosen.
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note.
    UrgentNotPossibleError
        The request is over, or has an appointment that is not later.
    ForbiddenError
        The account is not a supervisor of this office.
    NotFoundError
        There is no such case.
    IllegalMoveError
        No first approval waits for a second one.
    """
    with core.sessions.begin() as session:
        case, first = _waiting_for_second(session, reference)
        officer = officer_for(URGENT, session, officer_id, case, Permission.APPROVE_SECOND)
        slot_id = first.slot_id
        if slot_id is None or not may_be_second(session, core, officer.id, first.officer_id):
            raise DifferentPersonNeededError
        limits = policy_limits.read(session, UrgentLimits)
        most = limits.urgent_overbooking_most if case.over_pool else 0
        place = place_at(session, core, case, slot_id, beyond_pool=most)
        decision = keep_decision(
            session,
            core,
            case=case,
            officer=officer,
            act=UrgentAct.APPROVAL,
            reason=reason,
            note=note,
            slot_id=slot_id,
            position=2,
        )
        approved = _make_appointment(session, core, case, place, limits, decided_at=first.at)
        record_decision(session, core, case, officer, decision)
        return approved


def disagree(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Disagree with the first approval, as a supervisor: it does not stand any more, and the case waits again.

    Raises
    ------
    InvalidInputError
        ``reason`` is not a code of this act, or there is no note.
    ForbiddenError
        The account is not a supervisor of this office.
    OwnCaseError
        The case is of the supervisor's own person, household or phone.
    NotFoundError
        There is no such case.
    IllegalMoveError
        No first approval waits for a second one.
    """
    with core.sessions.begin() as session:
        case, first = _waiting_for_second(session, reference)
        officer = officer_for(URGENT, session, officer_id, case, Permission.APPROVE_SECOND)
        decide(session, core, case=case, officer=officer, act=UrgentAct.DISAGREEMENT, reason=reason, note=note)
        first.undone_at = core.clock.now()
        case.over_pool = False
        case.move_to(UrgentState.SUBMITTED)
        case.hand_back()


def second_reasons(
    session: Session, case: UrgentRequest, officer_id: UUID, slot_id: int, at: datetime, *, beyond_pool: bool
) -> tuple[str, ...]:
    """Return why a second person must agree, as the database itself will ask at commit (empty: nobody must)."""
    found: list[str] = session.scalars(
        select(func.urgent_second_reasons(case.id, officer_id, slot_id, at, beyond_pool))
    ).one()
    return tuple(found)


def _waiting_for_second(session: Session, reference: str) -> tuple[UrgentRequest, UrgentDecision]:
    case = locked_case(session, reference)
    first = session.scalar(
        select(UrgentDecision).where(
            UrgentDecision.urgent_request_id == case.id,
            UrgentDecision.position == 1,
            UrgentDecision.undone_at.is_(None),
        )
    )
    if case.state is not UrgentState.NEEDS_SECOND or first is None:
        raise IllegalMoveError(case.state, UrgentState.APPROVED)
    return case, first


def _make_appointment(
    session: Session, core: Core, case: UrgentRequest, place: UrgentPlace, limits: UrgentLimits, *, decided_at: datetime
) -> Approved:
    """Take the place and the request out of the draw, in one go with the approvals.

    A closed draw that counts on the request no longer serves it: it leaves out requests that do not wait (`apply`).
    """
    now, request = core.clock.now(), case.request
    exchanged = _leave_the_draw(session, case, place, now)
    take_place(session, place, beyond_pool=limits.urgent_overbooking_most if case.over_pool else 0)
    appointment = Appointment(
        reference=new_reference(),
        request=request,
        office_id=place.office.id,
        urgent_request_id=case.id,
        state=AppointmentState.CONFIRMED,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        confirm_by=place.starts_at,
        created_at=now,
        confirmed_at=now,
        places=[AppointmentPlaces(slot_id=slot, pool=Pool.URGENT, places=units) for slot, units in place.slots],
    )
    session.add(appointment)
    case.move_to(UrgentState.APPROVED)
    case.level = "immediate" if place.is_same_day(decided_at) else "urgent"
    case.closed_at = now
    undo = timedelta() if exchanged else timedelta(seconds=limits.urgent_undo_seconds)
    tell_later(session, core, case.account_id, "urgent_approved", now + undo, reference=appointment.reference)
    return Approved(appointment.reference)


def _leave_the_draw(session: Session, case: UrgentRequest, place: UrgentPlace, now: datetime) -> bool:
    """Move the request by the table; return whether it had an appointment, later than this place, that is given up."""
    request = case.request
    if request.state in WAITING_FOR_DRAW:
        request.move_to(RequestState.DRAWN)
        return False
    old = session.scalar(
        select(Appointment)
        .where(Appointment.request_id == request.id, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        .with_for_update(of=Appointment)
    )
    if request.state is not RequestState.DRAWN or old is None or old.starts_at <= place.starts_at:
        raise UrgentNotPossibleError
    old.cancel_without_outcome(now)
    give_back(session, old)
    session.flush()
    return True
