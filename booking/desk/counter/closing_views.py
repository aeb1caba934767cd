"""What supervisors read of a closing before they carry it out, and what citizens read of a move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.desk.counter.views import SheetLine, lines
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Appointment, AppointmentMove, Closure, Office, Request, Slot, UrgentRequest

MOST_ROWS: Final = 50
SHOWN_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A party that has to go, and where and when it would come instead; empty where it goes into the next draw."""

    line: SheetLine
    office: Office | None
    starts_at: datetime | None

    @property
    def urgent(self) -> bool:
        """Whether officers let these people past the draw."""
        return self.line.appointment.urgent_request_id is not None


@dataclass(frozen=True, slots=True)
class ClosureView:
    """A closing with its plan."""

    closure: Closure
    moves: tuple[PlannedMove, ...]

    @property
    def people(self) -> int:
        """How many people have to go."""
        return sum(move.line.appointment.request.party_size for move in self.moves)

    @property
    def urgent_displaced(self) -> int:
        """How many urgent approvals end because there is no place for their people."""
        return sum(move.office is None and move.urgent for move in self.moves)

    @property
    def seated(self) -> int:
        """How many parties have another place."""
        return sum(move.office is not None for move in self.moves)


@dataclass(frozen=True, slots=True)
class MoveView:
    """That the office moved an appointment: from where and when, and until when its people can refuse."""

    from_office: Office
    from_starts_at: datetime
    refuse_by: datetime


def list_closures(core: Core, *, officer_id: UUID) -> Sequence[Closure]:
    """Return the latest closings of the supervisor's own office, newest first; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.CLOSE_OFFICE)
        return session.scalars(
            select(Closure)
            .where(Closure.office_id == officer.office_id)
            .order_by(Closure.asked_at.desc())
            .limit(MOST_ROWS)
        ).all()


def own_counters(core: Core, *, officer_id: UUID) -> Office:
    """Return the office whose days the supervisor may close; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.CLOSE_OFFICE)
        return session.get_one(Office, officer.office_id)


def closure_view(core: Core, *, officer_id: UUID, closure_id: UUID) -> ClosureView:
    """Return a closing of the supervisor's office with who is affected; raises ForbiddenError or NotFoundError."""
    with core.sessions() as session:
        closure = session.get(Closure, closure_id)
        owner = closure.office_id if closure else None
        require(session.get(Account, officer_id), Permission.CLOSE_OFFICE, office_id=owner)
        if closure is None:
            raise NotFoundError
        seats = {row["reference"]: row["seat"] for row in closure.plan}
        appointments = session.scalars(
            select(Appointment)
            .where(Appointment.reference.in_(list(seats)))
            .order_by(Appointment.starts_at, Appointment.reference)
        ).all()
        firsts = {seat["slots"][0][0] for seat in seats.values() if seat}
        places = {
            row[0].id: (row[0], row[1])
            for row in session.execute(
                select(Slot, Office).join(Office, Office.id == Slot.office_id).where(Slot.id.in_(firsts))
            )
        }
        moves = []
        for line in lines(session, appointments):
            seat = seats[line.appointment.reference]
            slot, office = places[seat["slots"][0][0]] if seat else (None, None)
            moves.append(PlannedMove(line, office, slot.starts_at if slot else None))
        return ClosureView(closure, tuple(moves))


def displaced_urgent(core: Core, *, officer_id: UUID) -> Sequence[str]:
    """Return the urgent cases of the officer's office that lost their place in the last days because it closed.

    Raises ForbiddenError.
    """
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_URGENT)
        return session.scalars(
            select(UrgentRequest.reference)
            .join(Appointment, Appointment.urgent_request_id == UrgentRequest.id)
            .join(AppointmentMove, AppointmentMove.appointment_id == Appointment.id)
            .where(
                AppointmentMove.from_office_id == officer.office_id,
                AppointmentMove.to_office_id.is_(None),
                AppointmentMove.made_at >= core.clock.now() - SHOWN_FOR,
            )
            .order_by(UrgentRequest.needed_by, UrgentRequest.reference)
        ).all()


def open_move(core: Core, *, account_id: UUID, reference: str) -> MoveView | None:
    """Return the move of an appointment that its people may still refuse; None where there is none."""
    with core.sessions() as session:
        found = session.execute(
            select(AppointmentMove, Office)
            .join(Appointment, Appointment.id == AppointmentMove.appointment_id)
            .join(Request, Request.id == Appointment.request_id)
            .join(Office, Office.id == AppointmentMove.from_office_id)
            .where(
                Appointment.reference == reference,
                Request.account_id == account_id,
                AppointmentMove.refused_at.is_(None),
                AppointmentMove.refuse_by > core.clock.now(),
            )
            .order_by(AppointmentMove.made_at.desc())
            .limit(1)
        ).one_or_none()
        if found is None or found[0].refuse_by is None:
            return None
        return MoveView(found[1], found[0].from_starts_at, found[0].refuse_by)
