"""People without an appointment: a ticket from the places for those who walk in, and its end. `hall` calls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day, on_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.own_cases import refuse_own_number
from booking.country.core.sealed import seal_national_number
from booking.country.places.rows import take
from booking.desk.counter.errors import AppointmentTodayError, SecondTicketError, WalkInsFullError
from booking.desk.hall.rows import next_number, own_office
from booking.people.accounts.identity import read_national_number
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError, SlotFullError
from booking.platform.models import (
    Account,
    Appointment,
    Office,
    Person,
    RequestMember,
    Service,
    Slot,
    SlotPool,
    WalkIn,
)
from booking.platform.models.states import AppointmentState, Pool, WalkInState


@dataclass(frozen=True, slots=True)
class WalkInDayView:
    """An office's walk-ins of a day: the tickets, how many places are left from now on, and what can be asked for."""

    office: Office
    day: date
    tickets: Sequence[WalkIn]
    free: int
    services: Sequence[Service]


def add(core: Core, *, officer_id: UUID, national_number: str, service: str) -> WalkIn:
    """Give a person the next ticket of the day, with places of the earliest slot from now on that has enough.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    OwnCaseError
        The person is of the clerk's own household.
    InvalidInputError
        The number is unusable, or there is no such service at this office.
    AppointmentTodayError
        The person has an appointment today: check in instead.
    SecondTicketError
        The person has a ticket today already, here or elsewhere.
    WalkInsFullError
        No slot of today has enough places for walk-ins left. Nothing is taken, and no ticket number is used up.
    """
    errors: list[FieldError] = []
    number = ""
    with fields.noted(errors):
        number = read_national_number(core, national_number)
    with _one_ticket_a_day(), core.sessions.begin() as session:
        office = own_office(session, officer_id)
        wanted = session.scalar(select(Service).where(Service.code == service, Service.active))
        if wanted is None or wanted not in _services(session, office):
            errors.append(FieldError("service", "unknown_service"))
        fields.raise_all(errors)
        if wanted is None:
            raise InvalidInputError(errors)
        now, sealed = core.clock.now(), seal_national_number(core.vault, number).hash
        day = local_day(office, now)
        refuse_own_number(session, officer_id, sealed)
        _no_appointment(session, office, day, sealed)
        ticket = WalkIn(
            office_id=office.id,
            local_day=day,
            person_hash=sealed,
            service=wanted,
            slot_id=_take(session, core, office, day, wanted.units),
            places=wanted.units,
            arrived_at=now,
            account_id=officer_id,
        )
        ticket.ticket = next_number(session, office, day)
        session.add(ticket)
        session.flush()
        _record(session, core, officer_id, "walk_in.added", office, ticket)
        return ticket


def end(core: Core, *, officer_id: UUID, ticket: int, served: bool) -> None:
    """End a ticket of today: its person was served, or is gone. The places of one who is gone are free for the next.

    Raises
    ------
    ForbiddenError
        The account serves no counter.
    NotFoundError
        There is no such ticket today at this office.
    IllegalMoveError
        The ticket was not called yet but is said to be served, or it is over.
    """
    with core.sessions.begin() as session:
        office = own_office(session, officer_id)
        found = session.scalars(
            select(WalkIn)
            .where(
                WalkIn.office_id == office.id,
                WalkIn.local_day == local_day(office, core.clock.now()),
                WalkIn.ticket == ticket,
            )
            .with_for_update(of=WalkIn)
        ).one_or_none()
        if found is None:
            raise NotFoundError
        found.move_to(WalkInState.SERVED if served else WalkInState.GONE)
        found.ended_at = core.clock.now()
        if not served:
            session.execute(
                update(SlotPool)
                .where(SlotPool.slot_id == found.slot_id, SlotPool.pool == Pool.WALK_IN)
                .values(taken=SlotPool.taken - found.places)
            )
        _record(session, core, officer_id, f"walk_in.{found.state.value}", office, found)


def walk_in_day(core: Core, *, officer_id: UUID) -> WalkInDayView:
    """Return today's tickets of the officer's own office; raises ForbiddenError."""
    with core.sessions() as session:
        office = own_office(session, officer_id)
        day = local_day(office, core.clock.now())
        tickets = session.scalars(
            select(WalkIn).where(WalkIn.office_id == office.id, WalkIn.local_day == day).order_by(WalkIn.ticket)
        ).all()
        free = session.scalar(
            select(func.coalesce(func.sum(SlotPool.places - SlotPool.taken), 0))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .where(*_today(core, office, day))
        )
        return WalkInDayView(office, day, tickets, free or 0, _services(session, office))


@contextmanager
def _one_ticket_a_day() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "uq_walk_in_person" in str(error.orig):
            raise SecondTicketError from error
        raise


def _no_appointment(session: Session, office: Office, day: date, person_hash: bytes) -> None:
    reference = session.scalar(
        select(Appointment.reference)
        .join(RequestMember, RequestMember.request_id == Appointment.request_id)
        .join(Person, Person.id == RequestMember.person_id)
        .where(
            Person.national_number_hash == person_hash,
            on_day(office, day),
            Appointment.state.in_([AppointmentState.CONFIRMED, AppointmentState.CHECKED_IN]),
        )
        .limit(1)
    )
    if reference is not None:
        raise AppointmentTodayError(reference)


def _take(session: Session, core: Core, office: Office, day: date, units: int) -> int:
    """Take places of the earliest slot with room, each try by one conditional statement; return the slot."""
    slots = session.scalars(
        select(Slot.id)
        .join(SlotPool, SlotPool.slot_id == Slot.id)
        .where(*_today(core, office, day), SlotPool.places - SlotPool.taken >= units)
        .order_by(Slot.starts_at)
    ).all()
    for slot_id in slots:
        try:
            take(session, slot_id, Pool.WALK_IN, units)
        except SlotFullError:
            continue
        return slot_id
    raise WalkInsFullError


def _today(core: Core, office: Office, day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Slot.office_id == office.id,
        Slot.local_day == day,
        Slot.ends_at > core.clock.now(),
        SlotPool.pool == Pool.WALK_IN,
    )


def _services(session: Session, office: Office) -> list[Service]:
    audience = "resident" if office.door == "home" else "expatriate"
    return list(
        session.scalars(
            select(Service)
            .where(Service.active, Service.delivery != "online", Service.audience.in_(["both", audience]))
            .order_by(Service.position)
        )
    )


def _record(session: Session, core: Core, officer_id: UUID, action: str, office: Office, ticket: WalkIn) -> None:
    officer = session.get_one(Account, officer_id)
    audit.record(session, core, officer, action, office.code, day=ticket.local_day.isoformat(), ticket=ticket.ticket)
