"""Who is in a hall or still expected there, in the caller's session; and the numbers that they are called by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.catalogue.views import on_day
from booking.country.core.four_eyes import Permission, require
from booking.platform.models import (
    Account,
    Appointment,
    Office,
    Request,
    RequestErrand,
    Service,
    Slot,
    WalkIn,
    WalkInDay,
)
from booking.platform.models.states import AppointmentState, WalkInState

_OPEN: Final = (WalkInState.WAITING, WalkInState.CALLED)


@dataclass(frozen=True, slots=True)
class InHall:
    """A party in the hall, or expected: with an appointment (``reference``) or a ticket (``reference`` empty).

    ``due_at`` is when it is their turn, ``there`` whether they are in the hall. ``called_at`` and ``counter`` are those
    of the call that holds. ``number`` is empty before check-in. ``parts`` is how many people come for which
    service, as they were asked for; more than one where a visit is for several services.
    """

    id: UUID
    number: int | None
    reference: str
    service: Service
    people: int
    due_at: datetime
    there: bool
    priority: bool
    not_before: datetime | None
    counter: int | None
    called_at: datetime | None
    parts: Sequence[tuple[Service, int]]

    @property
    def waits(self) -> bool:
        """Return whether the party is in the hall and not called."""
        return self.there and self.called_at is None

    def turn(self, now: datetime) -> tuple[bool, datetime, bool, int]:
        """Return what the line is sorted by: by law once it is their turn, then who is due, appointments first."""
        due = self.due_at if self.not_before is None else max(self.due_at, self.not_before)
        return not (self.priority and due <= now), due, not self.reference, self.number or 0


def own_office(session: Session, officer_id: UUID) -> Office:
    """Return the office at whose counter an officer serves; raises ForbiddenError."""
    officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER)
    return session.get_one(Office, officer.office_id)


def next_number(session: Session, office: Office, day: date) -> int:
    """Return the next number of an office-day; nobody else gives one, or calls, until the transaction ends."""
    return _counted(session, office, day, 1)


def lock_hall(session: Session, office: Office, day: date) -> None:
    """Let nobody else call in this hall until the transaction ends."""
    _counted(session, office, day, 0)


def read_hall(session: Session, office: Office, day: date, *, late: timedelta) -> Sequence[InHall]:
    """Return everyone in the hall and those who are expected, in no order.

    Parameters
    ----------
    late
        Who checks in later than so long after their time stands in the line from then on, and not before others.
    """
    booked = session.execute(
        select(Appointment, Service, Request.party_size, Request.service_count)
        .join(Request, Request.id == Appointment.request_id)
        .join(Service, Service.id == Request.service_id)
        .where(on_day(office, day), Appointment.state.in_([AppointmentState.CONFIRMED, AppointmentState.CHECKED_IN]))
    ).all()
    tickets = session.execute(
        select(WalkIn, Slot.starts_at)
        .join(Slot, Slot.id == WalkIn.slot_id)
        .where(WalkIn.office_id == office.id, WalkIn.local_day == day, WalkIn.state.in_(_OPEN))
    ).all()
    several = _several(session, [one.request_id for one, _, _, services in booked if services > 1])
    return [_booked(one, service, people, late, several.get(one.request_id)) for one, service, people, _ in booked] + [
        _ticket(one, starts_at) for one, starts_at in tickets
    ]


def _counted(session: Session, office: Office, day: date, more: int) -> int:
    """Give so many more numbers of an office-day, whose row is locked by it; return the last one."""
    first = insert(WalkInDay).values(office_id=office.id, local_day=day, last_ticket=more)
    return session.execute(
        first.on_conflict_do_update(
            index_elements=["office_id", "local_day"], set_={"last_ticket": WalkInDay.last_ticket + more}
        ).returning(WalkInDay.last_ticket)
    ).scalar_one()


def _several(session: Session, requests: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[Service, int]]]:
    """Return how many people come for which service, as they were asked for, of requests that are for several."""
    if not requests:
        return {}
    found: dict[UUID, dict[int, tuple[Service, int]]] = {}
    errands = select(RequestErrand).where(RequestErrand.request_id.in_(requests)).order_by(RequestErrand.position)
    for one in session.scalars(errands):
        parts = found.setdefault(one.request_id, {})
        parts[one.service_id] = one.service, parts.get(one.service_id, (one.service, 0))[1] + 1
    return {request_id: list(parts.values()) for request_id, parts in found.items()}


def _booked(
    one: Appointment,
    service: Service,
    people: int,
    late: timedelta,
    several: Sequence[tuple[Service, int]] | None,
) -> InHall:
    came = one.checked_in_at
    return InHall(
        id=one.id,
        number=one.hall_number,
        reference=one.reference,
        service=service,
        people=people,
        due_at=one.starts_at if came is None or came <= one.starts_at + late else came,
        there=one.state is AppointmentState.CHECKED_IN,
        priority=one.priority,
        not_before=one.not_before,
        counter=one.counter,
        called_at=one.called_at,
        parts=several or [(service, people)],
    )


def _ticket(one: WalkIn, starts_at: datetime) -> InHall:
    return InHall(
        id=one.id,
        number=one.ticket,
        reference="",
        service=one.service,
        people=1,
        due_at=max(starts_at, one.arrived_at),
        there=True,
        priority=one.priority,
        not_before=one.not_before,
        counter=one.counter,
        called_at=one.called_at,
        parts=[(one.service, 1)],
    )
