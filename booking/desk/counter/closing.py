"""Close an office for a day, or some of its counters: look first, then move everyone in one transaction.

The solver runs in a job and writes a plan. A supervisor reads it and applies it as it stands, or nothing happens:
where somebody booked or a place went meanwhile, the plan is made again.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.country.core.jobqueue import enqueue
from booking.country.places.rows import free_again, refuse_beside_a_draw
from booking.desk.counter.errors import PlanOutdatedError
from booking.desk.counter.moves import displace, move_to_seat
from booking.desk.counter.parties import Party
from booking.platform.base.drawing_agreed import NOTICE
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import (
    Account,
    Appointment,
    AppointmentPlaces,
    Closure,
    Office,
    Request,
    RequestOffice,
    Slot,
    SlotPool,
    UrgentRequest,
)
from booking.platform.models.states import HOLDS, AppointmentState, ClosureState, Pool
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.freeze import free_runs
from booking.scheduling.requests.rows import take_turns_again

NEAR: Final = timedelta(days=14)
"""How far from their own day people are moved at most."""
MOVABLE: Final = (AppointmentState.OFFERED, AppointmentState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Claim:
    """An appointment that may have to go, and the units that it takes in each slot of the day."""

    appointment: Appointment
    units: dict[int, int]
    urgent: bool


def closing_slots(session: Session, closure: Closure, now: datetime, *, lock: bool = False) -> Sequence[Slot]:
    """Return the slots of the day that have not begun, in time order; with ``lock`` their pools are locked too."""
    slots = session.scalars(
        select(Slot)
        .where(Slot.office_id == closure.office_id, Slot.local_day == closure.local_day, Slot.starts_at > now)
        .order_by(Slot.starts_at)
    ).all()
    if lock:
        session.execute(
            select(SlotPool)
            .where(SlotPool.slot_id.in_([slot.id for slot in slots]))
            .order_by(SlotPool.slot_id, SlotPool.pool)
            .with_for_update()
        )
    return slots


def claims(session: Session, slots: Sequence[Slot]) -> list[Claim]:
    """Return the live appointments in these slots, earliest first. Those who checked in are served anyway."""
    found: dict[UUID, Claim] = {}
    rows = session.execute(
        select(Appointment, AppointmentPlaces)
        .join(AppointmentPlaces, AppointmentPlaces.appointment_id == Appointment.id)
        .where(AppointmentPlaces.slot_id.in_([slot.id for slot in slots]), Appointment.state.in_(MOVABLE))
        .order_by(Appointment.starts_at, Appointment.reference, AppointmentPlaces.slot_id)
    )
    for appointment, place in rows:
        claim = found.setdefault(appointment.id, Claim(appointment, {}, urgent=place.pool is Pool.URGENT))
        claim.units[place.slot_id] = claim.units.get(place.slot_id, 0) + place.places
    return list(found.values())


def who_must_go(session: Session, closure: Closure, slots: Sequence[Slot], units_per_counter: int) -> list[Appointment]:
    """Choose whose appointments do not fit into what stays open; all of them where the office closes.

    Of several the one who lost fewer draws goes, then who was given the place last; urgent ones go last. Nobody goes
    who would still fit.
    """
    sums = session.execute(
        select(SlotPool.slot_id, func.sum(SlotPool.taken))
        .where(SlotPool.slot_id.in_([slot.id for slot in slots]))
        .group_by(SlotPool.slot_id)
    )
    taken = {row[0]: row[1] for row in sums}
    over = {slot.id: taken.get(slot.id, 0) - closure.counters * units_per_counter for slot in slots}
    everyone = claims(session, slots)
    if closure.counters == 0:
        return [claim.appointment for claim in everyone]
    gone = []
    for claim in sorted(everyone, key=_leaves_first, reverse=True):
        if any(over[slot_id] > 0 for slot_id in claim.units if slot_id in over):
            gone.append(claim)
            _add(over, claim, -1)
    for claim in list(reversed(gone)):
        _add(over, claim, 1)
        if all(over[slot_id] <= 0 for slot_id in claim.units if slot_id in over):
            gone.remove(claim)
        else:
            _add(over, claim, -1)
    return sorted((claim.appointment for claim in gone), key=lambda one: (one.starts_at, one.reference))


def party(session: Session, appointment: Appointment) -> Party:
    """Describe who has to go, for the solver."""
    request, office = appointment.request, appointment.office
    ranked = session.scalars(
        select(Office.code)
        .join(RequestOffice, RequestOffice.office_id == Office.id)
        .where(RequestOffice.request_id == request.id)
        .order_by(RequestOffice.rank)
    ).all()
    band = session.scalars(
        select(Slot.band)
        .join(AppointmentPlaces, AppointmentPlaces.slot_id == Slot.id)
        .where(AppointmentPlaces.appointment_id == appointment.id)
        .order_by(Slot.starts_at)
        .limit(1)
    ).one()
    return Party(
        reference=appointment.reference,
        size=request.party_size,
        units=request.units,
        lost_draws=request.lost_draws,
        starts_at=appointment.starts_at,
        day=local_day(office, appointment.starts_at),
        band=band,
        offices=(office.code, *(code for code in ranked if code != office.code)),
        weekdays=request.weekdays,
        bands=frozenset(request.bands.split(",")),
        first_day=request.first_day,
        last_day=request.last_day,
        needed_by=_needed_by(session, appointment),
        accessible=request.accessible,
    )


def _needed_by(session: Session, appointment: Appointment) -> date | None:
    """Return the last day that helps: of an urgent appointment the one for which it was approved."""
    case_id = appointment.urgent_request_id
    urgent = session.scalar(select(UrgentRequest.needed_by).where(UrgentRequest.id == case_id))
    return min((day for day in (urgent, appointment.request.needed_by) if day is not None), default=None)


def rooms_nearby(session: Session, closure: Closure, parties: Collection[Party], now: datetime) -> list[Bin]:
    """Return the free places to which people can be moved: not on the day that closes, and a day away at least."""
    codes = {code for one in parties for code in one.offices}
    offices = session.scalars(select(Office.id).where(Office.code.in_(codes))).all()
    if not offices:
        return []
    today = now.astimezone(ZoneInfo(closure.office.time_zone)).date()
    runs = free_runs(
        session,
        first=max(today, closure.local_day - NEAR),
        last=closure.local_day + NEAR,
        after=now + NOTICE,
        pools=(Pool.DRAW, Pool.ACCESSIBLE, Pool.WALK_IN),
        offices=offices,
    )
    return [run for run in runs if (run.office, run.day) != (closure.office.code, closure.local_day)]


def waits_for_confirmation_of_hold(appointment: Appointment) -> bool:
    """Return whether this is an instant hold, which nobody was given yet."""
    return appointment.request.state in HOLDS


def locked_with_requests(session: Session, references: Collection[str]) -> dict[str, Appointment]:
    """Return appointments by reference, locked after their requests, whose people may be asked for again."""
    of_requests = (
        select(Request.id)
        .join(Appointment, Appointment.request_id == Request.id)
        .where(Appointment.reference.in_(references))
        .order_by(Request.id)
    )
    take_turns_again(session, session.scalars(of_requests).all())
    ids = session.scalars(of_requests.with_for_update(of=Request)).all()
    found = session.scalars(
        select(Appointment)
        .where(Appointment.request_id.in_(ids), Appointment.reference.in_(references))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    )
    return {one.reference: one for one in found}


def _leaves_first(claim: Claim) -> tuple[bool, int, datetime, str]:
    one = claim.appointment
    return (not claim.urgent, -one.request.lost_draws, one.created_at, one.reference)


def _add(over: dict[int, int], claim: Claim, sign: int) -> None:
    for slot_id, units in claim.units.items():
        if slot_id in over:
            over[slot_id] += sign * units


LONGEST_REASON: Final = 500
FARTHEST: Final = timedelta(days=60)
_SHRINKS_FIRST: Final = (Pool.WALK_IN, Pool.INSTANT, Pool.DRAW, Pool.ACCESSIBLE, Pool.URGENT)
_log = structlog.get_logger("mawid.closing")


def ask_to_close(core: Core, *, officer_id: UUID, day: date, counters: int, reason: str) -> UUID:
    """Ask for a plan of a day with ``counters`` counters, 0 for none; return the closure's id. Nothing changes yet.

    A wish for the same day that was not carried out is replaced.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    InvalidInputError
        The day is over or too far, there are not fewer counters than before, or the reason is missing.
    """
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.CLOSE_OFFICE)
        office = session.get_one(Office, officer.office_id)
        now, reason = core.clock.now(), reason.strip()
        today = local_day(office, now)
        errors = []
        if not today <= day <= today + FARTHEST:
            errors.append(FieldError("day", "past_day" if day < today else "too_far"))
        if not 0 <= counters < office.counters:
            errors.append(FieldError("counters", "too_many_counters", most=office.counters - 1))
        if not reason or len(reason) > LONGEST_REASON:
            errors.append(FieldError("note", "missing" if not reason else "too_long", max=LONGEST_REASON))
        if errors:
            raise InvalidInputError(errors)
        session.execute(
            update(Closure)
            .where(
                Closure.office_id == office.id,
                Closure.local_day == day,
                Closure.state.in_([ClosureState.ASKED, ClosureState.PLANNED]),
            )
            .values(state=ClosureState.DROPPED, ended_at=now)
        )
        closure = Closure(
            office_id=office.id, local_day=day, counters=counters, reason=reason, asked_by=officer_id, asked_at=now
        )
        session.add(closure)
        try:
            session.flush()
        except IntegrityError as error:  # a colleague asked for the same day at the same moment
            raise PlanOutdatedError from error
        audit.record(session, core, officer, "closure.asked", office.code, day=day.isoformat(), counters=counters)
        enqueue(session, "plan_closure", closure_id=str(closure.id))
        return closure.id


def plan(core: Core, closure_id: UUID) -> None:
    """Make the plan of a closure, as a job: who has to go, and where there is a place. Repeating it is harmless."""
    now = core.clock.now()
    with core.sessions() as session:
        closure = session.get(Closure, closure_id)
        if closure is None or closure.state is not ClosureState.ASKED:
            return
        slots = closing_slots(session, closure, now)
        going = who_must_go(session, closure, slots, core.pack.country.units_per_slot)
        parties = [party(session, one) for one in going if not waits_for_confirmation_of_hold(one)]
        rooms = rooms_nearby(session, closure, parties, now)
    from booking.desk.counter.seats import find_seats  # noqa: PLC0415 - the solver is for the worker, not for web processes

    seats = find_seats(parties, rooms)
    rows = [
        {"reference": one.reference, "seat": asdict(seats[one.reference]) if one.reference in seats else None}
        for one in going
    ]
    with core.sessions.begin() as session:
        closure = session.scalars(select(Closure).where(Closure.id == closure_id).with_for_update(of=Closure)).one()
        if closure.state is ClosureState.ASKED:
            closure.move_to(ClosureState.PLANNED)
            closure.plan, closure.planned_at = rows, now
    _log.info("closure_planned", going=len(rows), seated=sum(row["seat"] is not None for row in rows))


def apply(core: Core, *, officer_id: UUID, closure_id: UUID) -> None:
    """Close the slots and move everyone as planned, in one transaction; each party is told once.

    Those who cancelled since the plan was made are left out. A second call changes nothing.

    Raises
    ------
    PlanOutdatedError
        Somebody booked since, or a planned place is gone; a new plan is being made.
    DrawRunningError
        A closed draw counts on free places; try again in some minutes.
    ForbiddenError
        The account is not a supervisor of this office.
    NotFoundError
        There is no such closure.
    IllegalMoveError
        It is not planned yet, or was dropped.
    """
    try:
        with core.sessions.begin() as session:
            _apply(session, core, officer_id, closure_id)
    except PlanOutdatedError:
        with core.sessions.begin() as session:
            closure = _locked(session, officer_id, closure_id)[1]
            if closure.state is ClosureState.PLANNED:
                closure.move_to(ClosureState.ASKED)
                enqueue(session, "plan_closure", closure_id=str(closure.id))
        raise


def drop(core: Core, *, officer_id: UUID, closure_id: UUID) -> None:
    """Give a closure up before it is carried out; raises ForbiddenError, NotFoundError or IllegalMoveError."""
    with core.sessions.begin() as session:
        officer, closure = _locked(session, officer_id, closure_id)
        closure.move_to(ClosureState.DROPPED)
        closure.ended_at = core.clock.now()
        audit.record(session, core, officer, "closure.dropped", closure.office.code, day=closure.local_day.isoformat())


def _apply(session: Session, core: Core, officer_id: UUID, closure_id: UUID) -> None:
    officer, closure = _locked(session, officer_id, closure_id)
    if closure.state is ClosureState.APPLIED:
        return
    closure.move_to(ClosureState.APPLIED)
    refuse_beside_a_draw(session)
    now, per_counter = core.clock.now(), core.pack.country.units_per_slot
    planned: dict[str, Any] = {row["reference"]: row["seat"] for row in closure.plan}
    locked = locked_with_requests(session, planned)
    slots = closing_slots(session, closure, now, lock=True)
    going = {one.reference: locked.get(one.reference) for one in who_must_go(session, closure, slots, per_counter)}
    if not set(going) <= set(planned):
        raise PlanOutdatedError
    moved = displaced = urgent = 0
    for reference in sorted(going):
        appointment = going[reference]
        if appointment is None:
            raise PlanOutdatedError
        free_again(session, appointment)
        if waits_for_confirmation_of_hold(appointment) or planned[reference] is None:
            displace(session, core, appointment, closure)
            displaced += 1
            urgent += appointment.urgent_request_id is not None
        else:
            move_to_seat(session, core, appointment, closure, planned[reference])
            moved += 1
    _shrink(session, closure, slots, per_counter)
    closure.ended_at = now
    audit.record(
        session,
        core,
        officer,
        "closure.applied",
        closure.office.code,
        day=closure.local_day.isoformat(),
        counters=closure.counters,
        reason=closure.reason,
        moved=moved,
        redrawn=displaced,
        urgent_redrawn=urgent,
    )


def _locked(session: Session, officer_id: UUID, closure_id: UUID) -> tuple[Account, Closure]:
    closure = session.scalar(select(Closure).where(Closure.id == closure_id).with_for_update(of=Closure))
    owner = closure.office_id if closure else None
    officer = require(session.get(Account, officer_id), Permission.CLOSE_OFFICE, office_id=owner)
    if closure is None:
        raise NotFoundError
    return officer, closure


def _shrink(session: Session, closure: Closure, slots: Sequence[Slot], per_counter: int) -> None:
    """Leave so many places in each slot as the open counters have; free ones go, of walk-ins and instant ones first."""
    pools = session.scalars(
        select(SlotPool)
        .where(SlotPool.slot_id.in_([slot.id for slot in slots]))
        .execution_options(populate_existing=True)
    ).all()
    for slot in slots:
        ours = sorted((one for one in pools if one.slot_id == slot.id), key=lambda one: _SHRINKS_FIRST.index(one.pool))
        excess = sum(one.places for one in ours) - closure.counters * per_counter
        for one in ours:
            less = max(0, min(excess, one.places - one.taken))
            one.places -= less
            excess -= less
        slot.counters = closure.counters
