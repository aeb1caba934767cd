"""What is read of urgent cases: a person's own, and the queue of an office. One case: `urgent.open_case`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking.country.core.core import Core
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Appointment, Request, UrgentDecision, UrgentEvidence, UrgentRequest
from booking.platform.models.states import WITH_OFFICERS, AppointmentState, UrgentAct, UrgentState
from booking.scheduling.urgent.lacking import Missing, missing_at

MOST_ROWS: Final = 200
DUE_DAYS: Final = 2
SOON_DAYS: Final = 5


class Pressing(StrEnum):
    """How soon a case must be decided: two days or fewer to its day, five or fewer, more."""

    DUE = "due"
    SOON = "soon"
    IN_TIME = "in_time"


class Show(StrEnum):
    """Which cases of the queue."""

    ALL = "all"
    FREE = "free"
    MINE = "mine"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A person's case: ``note`` is what an officer wrote to them, ``appointment`` its reference.

    ``missing`` is what still must be there on its day, while the appointment is to come.
    """

    case: UrgentRequest
    evidence: tuple[UrgentEvidence, ...]
    note: str
    appointment: str | None
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A case in the queue, without anyone's name."""

    case: UrgentRequest
    pressing: Pressing
    mine: bool


def own_case_view(core: Core, *, account_id: UUID, request_reference: str) -> OwnCase | None:
    """Return the latest case of one's own request, None where there is none; raises NotFoundError."""
    with core.sessions() as session:
        request_id = session.scalar(
            select(Request.id).where(Request.reference == request_reference, Request.account_id == account_id)
        )
        if request_id is None:
            raise NotFoundError
        case = session.scalar(
            select(UrgentRequest)
            .where(UrgentRequest.request_id == request_id)
            .order_by(UrgentRequest.created_at.desc())
            .limit(1)
        )
        if case is None:
            return None
        written = {UrgentState.DENIED: UrgentAct.DENIAL, UrgentState.REVOKED: UrgentAct.REVOCATION}.get(case.state)
        notes = [one.note for one in case.decisions if one.act is written and one.undone_at is None]
        appointment = session.scalar(
            select(Appointment)
            .where(Appointment.urgent_request_id == case.id)
            .order_by(Appointment.created_at.desc())
            .limit(1)
        )
        to_come = appointment is not None and appointment.state is AppointmentState.CONFIRMED
        return OwnCase(
            case=case,
            evidence=tuple(one for one in case.evidence if one.removed_at is None),
            note=notes[-1] if notes else "",
            appointment=appointment.reference if appointment else None,
            missing=missing_at(session, core, appointment) if appointment and to_come else (),
        )


def queue(core: Core, *, officer_id: UUID, show: Show) -> list[QueueLine]:
    """List the open cases of the officer's office: by needed-by day, severity, and how long they wait."""
    with core.sessions() as session:
        officer = session.get_one(Account, officer_id)
        statement = select(UrgentRequest).where(
            UrgentRequest.office_id == officer.office_id, UrgentRequest.state.in_(WITH_OFFICERS)
        )
        if show is Show.FREE:
            statement = statement.where(UrgentRequest.state == UrgentState.SUBMITTED)
        elif show is Show.MINE:
            statement = statement.where(UrgentRequest.assigned_to == officer_id)
        elif show is Show.SECOND:
            statement = statement.where(UrgentRequest.state == UrgentState.NEEDS_SECOND)
        cases = session.scalars(
            statement.order_by(
                UrgentRequest.needed_by,
                UrgentRequest.severity.desc(),
                UrgentRequest.submitted_at,
                UrgentRequest.reference,
            )
            .limit(MOST_ROWS)
            .options(joinedload(UrgentRequest.request).selectinload(Request.errands))
        ).all()
        return [QueueLine(case, pressing(case, core.today()), case.assigned_to == officer_id) for case in cases]


def last_decision(core: Core, officer_id: UUID) -> UrgentDecision | None:
    """Return what the officer decided last, while it can be undone."""
    with core.sessions() as session:
        decision = session.scalar(
            select(UrgentDecision)
            .where(UrgentDecision.officer_id == officer_id)
            .order_by(UrgentDecision.number.desc())
            .limit(1)
        )
        if decision is None or undo_until(session, core, decision) is None:
            return None
        _ = decision.case
        return decision


def pressing(case: UrgentRequest, today: date) -> Pressing:
    """Return how soon the case must be decided."""
    days = (case.needed_by - today).days
    return Pressing.DUE if days <= DUE_DAYS else Pressing.SOON if days <= SOON_DAYS else Pressing.IN_TIME


def undo_until(session: Session, core: Core, decision: UrgentDecision) -> datetime | None:
    """Return the instant until which its maker can undo a decision; None where that is over or never was possible."""
    until = decision.at + timedelta(seconds=policy_limits.read(session, UrgentLimits).urgent_undo_seconds)
    undoable = decision.act in {UrgentAct.APPROVAL, UrgentAct.DENIAL, UrgentAct.EVIDENCE_ASKED}
    return until if undoable and decision.undone_at is None and core.clock.now() <= until else None
