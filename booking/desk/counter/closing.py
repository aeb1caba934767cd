"""Close an office for a day, or some of its counters: look first, then move everyone in one transaction.

The solver runs in a job and writes a plan. A supervisor reads it and applies it as it stands, or nothing happens:
where somebody booked or a place went meanwhile, the plan is made again.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.catalogue.local_days import local_day
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.country.core.permissions import Permission, require
from booking.country.places.rows import free_again, refuse_beside_a_draw
from booking.desk.counter.closing_rows import (
    closing_slots,
    locked_with_requests,
    party,
    rooms_nearby,
    waits_for_confirmation_of_hold,
    who_must_go,
)
from booking.desk.counter.errors import PlanOutdatedError
from booking.desk.counter.moves import displace, move_to_seat
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, Closure, Office, Slot, SlotPool
from booking.platform.models.states import ClosureState, Pool

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
