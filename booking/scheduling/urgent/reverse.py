"""Take a decision back: its maker within a minute, a supervisor at any time before the appointment."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission
from booking.country.core.messages import take_back, tell
from booking.country.packs.quotas import UrgentLimits
from booking.country.places.rows import give_back
from booking.country.policy import limits as policy_limits
from booking.people.hands.handling import officer_for
from booking.platform.base.errors import IllegalMoveError, TooLateToCancelError
from booking.platform.models import Appointment, UrgentDecision, UrgentRequest
from booking.platform.models.states import (
    LIVE_APPOINTMENT_STATES,
    AppointmentState,
    RequestState,
    UrgentAct,
    UrgentState,
)
from booking.scheduling.urgent.errors import TooLateToUndoError, UrgentExistsError
from booking.scheduling.urgent.rows import URGENT, keep_decision, locked_case, record_decision

_NOTICE_OF: Final = {UrgentAct.DENIAL: "urgent_denied", UrgentAct.EVIDENCE_ASKED: "urgent_needs_evidence"}
LIVE_INDEX: Final = "uq_urgent_request_live"


def undo(core: Core, *, officer_id: UUID, reference: str, note: str) -> None:
    """Take one's own last decision back; the case is again as it was before it.

    Raises
    ------
    TooLateToUndoError
        The seconds for it are over, it is not the case's last decision, or it exchanged an earlier appointment.
    UrgentExistsError
        The person began another case meanwhile.
    InvalidInputError
        There is no note, or one that is too long.
    ForbiddenError
        The officer is not of the case's office, or may not decide urgent cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case.
    """
    try:
        with core.sessions.begin() as session:
            _undo(session, core, officer_id=officer_id, reference=reference, note=note)
    except IntegrityError as error:
        if LIVE_INDEX in str(error.orig):
            raise UrgentExistsError from error
        raise


def revoke(core: Core, *, officer_id: UUID, reference: str, reason: str, note: str) -> None:
    """Revoke an approval, as a supervisor: the appointment is cancelled, and the request is in the draw again.

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
    TooLateToCancelError
        The appointment has begun, or its people checked in.
    IllegalMoveError
        The case is not approved.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(URGENT, session, officer_id, case, Permission.REVOKE_APPROVALS)
        appointment = _appointment(session, case)
        if case.state is not UrgentState.APPROVED or appointment is None:
            raise IllegalMoveError(case.state, UrgentState.REVOKED)
        if now >= appointment.starts_at or appointment.state is AppointmentState.CHECKED_IN:
            raise TooLateToCancelError
        decision = keep_decision(
            session, core, case=case, officer=officer, act=UrgentAct.REVOCATION, reason=reason, note=note
        )
        _back_into_the_draw(session, core, case, appointment)
        case.move_to(UrgentState.REVOKED)
        case.hand_back()
        case.closed_at = now
        take_back(session, case.account_id, "urgent_approved", reference=appointment.reference)
        tell(session, core, case.account_id, "urgent_revoked", reference=case.request.reference)
        record_decision(session, core, case, officer, decision)


def _undo(session: Session, core: Core, *, officer_id: UUID, reference: str, note: str) -> None:
    now = core.clock.now()
    case = locked_case(session, reference)
    officer = officer_for(URGENT, session, officer_id, case)
    last = session.scalars(
        select(UrgentDecision)
        .where(UrgentDecision.urgent_request_id == case.id)
        .order_by(UrgentDecision.number.desc())
        .limit(1)
    ).one_or_none()
    seconds = timedelta(seconds=policy_limits.read(session, UrgentLimits).urgent_undo_seconds)
    expected = {
        UrgentAct.DENIAL: {UrgentState.DENIED},
        UrgentAct.EVIDENCE_ASKED: {UrgentState.NEEDS_EVIDENCE},
        UrgentAct.APPROVAL: {UrgentState.APPROVED, UrgentState.NEEDS_SECOND},
    }
    if (
        last is None
        or last.officer_id != officer_id
        or last.undone_at is not None
        or now > last.at + seconds
        or case.state not in expected.get(last.act, set())
    ):
        raise TooLateToUndoError
    decision = keep_decision(
        session, core, case=case, officer=officer, act=UrgentAct.UNDOING, reason="mistake", note=note
    )
    last.undone_at = now
    if case.state is UrgentState.APPROVED:
        appointment = _appointment(session, case)
        if appointment is None or _was_exchanged(session, case):
            raise TooLateToUndoError
        take_back(session, case.account_id, "urgent_approved", reference=appointment.reference)
        _back_into_the_draw(session, core, case, appointment)
    elif last.act in _NOTICE_OF:
        take_back(session, case.account_id, _NOTICE_OF[last.act], reference=case.request.reference)
    case.closed_at, case.level = None, None
    if last.position == 2:  # noqa: PLR2004 - the second approval; the first one stands
        case.move_to(UrgentState.NEEDS_SECOND)
    else:
        case.over_pool = False
        case.move_to(UrgentState.ASSIGNED)
        case.hand_to(officer_id, now)
    record_decision(session, core, case, officer, decision)


def _appointment(session: Session, case: UrgentRequest) -> Appointment | None:
    return session.scalar(
        select(Appointment)
        .where(Appointment.urgent_request_id == case.id, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        .with_for_update(of=Appointment)
    )


def _was_exchanged(session: Session, case: UrgentRequest) -> bool:
    """Return whether the request had another appointment before: its place may be gone, so nothing can be as before."""
    count = session.scalar(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.request_id == case.request_id,
            Appointment.urgent_request_id.is_distinct_from(case.id),
            Appointment.ended_at == case.closed_at,
        )
    )
    return bool(count)


def _back_into_the_draw(session: Session, core: Core, case: UrgentRequest, appointment: Appointment) -> None:
    """Cancel the appointment and let the request wait again, with every draw that it lost meanwhile counted."""
    request = case.request
    give_back(session, appointment)
    appointment.cancel_without_outcome(core.clock.now())
    request.move_to(RequestState.CARRIED_OVER if request.lost_draws else RequestState.ACCEPTED)
