"""Read what closing an office-day concerns: its slots, who has to go, and the free places nearby."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day
from booking.desk.counter.parties import Party
from booking.platform.base.drawing_agreed import NOTICE
from booking.platform.models import (
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
from booking.platform.models.states import HOLDS, AppointmentState, Pool
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.freeze import free_runs
from booking.scheduling.requests.lock_people import take_turns_again

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
