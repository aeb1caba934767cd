"""People without an appointment: a ticket from the places for those who walk in, and its end. `hall` calls.

When an office's day is over: tickets that nobody called lapse, and visits that nobody ended come to an end.

Nobody is counted as missing for either: anyone who checked in or took a ticket was there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from booking.antifraud.gate.labels import learn
from booking.country.catalogue.views import local_day, on_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_number, refuse_own_request, require
from booking.country.core.messages import tell
from booking.country.core.register import seal_national_number
from booking.country.places.rows import take
from booking.desk.counter.errors import (
    AppointmentTodayError,
    SecondTicketError,
    TooLateToCorrectError,
    WalkInsFullError,
)
from booking.desk.hall.rows import next_number, own_office
from booking.people.accounts.identity import read_national_number
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError, SlotFullError
from booking.platform.models import (
    Account,
    Appointment,
    Office,
    Person,
    Request,
    RequestMember,
    Service,
    Slot,
    SlotPool,
    WalkIn,
)
from booking.platform.models.states import AppointmentState, LabelKind, Pool, RequestState, WalkInState
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.rows import locked_appointment


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


BATCH: Final = 200
LONGEST_OPEN: Final = timedelta(days=14)
"""How long after it began a visit ends even where the office had no later day of work."""


def leave_unserved(core: Core, *, officer_id: UUID, reference: str) -> str:
    """Keep that a party was here and the office did not serve it: it is in the next draw, with priority.

    Returns the reference of the new request.

    Raises
    ------
    OwnCaseError
        The party is of the officer's own person, household or phone.
    ForbiddenError
        The account does not serve the counter of this office.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The party did not check in, or was served.
    """
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.SERVE_COUNTER, office_id=owner)
        appointment = locked_appointment(session, reference, asked_again=True)
        refuse_own_request(session, officer_id, appointment.request_id)
        if appointment.state is not AppointmentState.CHECKED_IN:
            raise IllegalMoveError(appointment.state, AppointmentState.UNSERVED)
        appointment.leave_unserved(core.clock.now())
        request = appointment.request
        again = asked_again(session, core, request, displaced=True)
        session.add(again)
        audit.record(session, core, officer, "appointment.unserved", reference)
        tell(session, core, request.account_id, "left_unserved", reference=again.reference)
        return again.reference


def end_open_visits(core: Core) -> int:
    """End the visits of which nobody said anything until the office's next day of work was over; return how many.

    Whether these people were served is not known, so they are told that they may ask again, and nothing is held
    against them. Each batch is a transaction; what somebody works on is left for the next run.
    """
    ended = 0
    while True:
        with core.sessions.begin() as session:
            left = _left_open(session, core)
            for appointment in left:
                appointment.leave_unserved(core.clock.now())
                appointment.request.move_to(RequestState.LAPSED)
                account_id = appointment.request.account_id
                tell(session, core, account_id, "visit_left_open", reference=appointment.reference)
        ended += len(left)
        if len(left) < BATCH:
            return ended


def lapse_tickets(core: Core) -> int:
    """Let the open tickets of office-days that are over lapse; return how many. Repeating it is harmless."""
    now = core.clock.now()
    goes_on = exists().where(Slot.office_id == WalkIn.office_id, Slot.local_day == WalkIn.local_day, Slot.ends_at > now)
    with core.sessions.begin() as session:
        lapsed = session.execute(
            update(WalkIn)
            .where(WalkIn.state.in_([WalkInState.WAITING, WalkInState.CALLED]), WalkIn.arrived_at < now, ~goes_on)
            .values(state=WalkInState.LAPSED, ended_at=now)
            .returning(WalkIn.id)
            .execution_options(synchronize_session=False)
        ).all()
        return len(lapsed)


def _left_open(session: Session, core: Core) -> list[Appointment]:
    """Lock requests before appointments, in the order that citizens' answers lock them."""
    now = core.clock.now()
    later, same_day = aliased(Slot), aliased(Slot)
    day = func.date(func.timezone(Office.time_zone, Appointment.starts_at))
    day_goes_on = exists().where(
        same_day.office_id == later.office_id, same_day.local_day == later.local_day, same_day.ends_at > now
    )
    next_day_is_over = exists().where(
        later.office_id == Appointment.office_id, later.local_day > day, later.ends_at <= now, ~day_goes_on
    )
    over: ColumnElement[bool] = (Appointment.state == AppointmentState.CHECKED_IN) & (Appointment.ends_at <= now)
    ids = session.scalars(
        select(Request.id)
        .join(Appointment, Appointment.request_id == Request.id)
        .join(Office, Office.id == Appointment.office_id)
        .where(over, next_day_is_over | (Appointment.ends_at <= now - LONGEST_OPEN))
        .order_by(Request.id)
        .limit(BATCH)
        .with_for_update(of=Request, skip_locked=True)
    ).all()
    return list(
        session.scalars(
            select(Appointment).where(Appointment.request_id.in_(ids), over).with_for_update(of=Appointment)
        )
    )


LONGEST_REASON: Final = 500


def correct(core: Core, *, officer_id: UUID, reference: str, came: bool, reason: str) -> None:
    """Say that a party came though it was marked as missing, or the reverse.

    Facts that are counted from now on include it; verdicts that were made before are repeated as they were.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of this office.
    OwnCaseError
        The party is of the supervisor's own person, household or phone.
    FieldError
        There is no reason, or one that is too long.
    TooLateToCorrectError
        The office's next open day is over.
    NotFoundError
        There is no such appointment.
    IllegalMoveError
        The appointment is not over, did not end as served or missed, or is known to have ended so already.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise FieldError("note", "missing" if not reason else "too_long", max=LONGEST_REASON)
    now = core.clock.now()
    kind = AppointmentState.SERVED if came else AppointmentState.NO_SHOW
    with core.sessions.begin() as session:
        owner = session.scalar(select(Appointment.office_id).where(Appointment.reference == reference))
        officer = require(session.get(Account, officer_id), Permission.CORRECT_ATTENDANCE, office_id=owner)
        appointment = locked_appointment(session, reference)
        refuse_own_request(session, officer_id, appointment.request_id)
        if appointment.state is kind:
            raise IllegalMoveError(appointment.state, kind)
        if not correctable(session, appointment, now):
            raise TooLateToCorrectError
        session.add(appointment.correct(at=now, officer_id=officer_id, reason=reason))
        request = appointment.request
        request.attended(came=came)
        learn(
            session,
            core,
            request_id=request.id,
            kind=LabelKind.ATTENDANCE,
            value=not came,
            source="correction",
            account_id=officer_id,
        )
        audit.record(session, core, officer, f"appointment.corrected_to_{kind.value}", reference, reason=reason)
        tell(session, core, request.account_id, "attendance_corrected", reference=reference)


def correctable(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Return whether it is still the day of the appointment, or the office's next open day after it."""
    office = appointment.office
    day, today = local_day(office, appointment.starts_at), local_day(office, now)
    next_open = session.scalar(
        select(func.min(Slot.local_day)).where(Slot.office_id == office.id, Slot.local_day > day)
    )
    return today <= (day if next_open is None else next_open)
