"""Move the appointments of a night in the caller's transaction: who can still move, and to which places."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Uuid, delete, select
from sqlalchemy.orm import Session, selectinload

from allocation.swapping.night import Night
from booking.base.arrays import any_of
from booking.core.core import Core
from booking.core.messages import tell
from booking.models import Appointment, AppointmentPlaces, Request, Slot, SwapEntry, SwapNight, SwapOutcome, SwapWish
from booking.models.states import AppointmentState, Pool
from booking.places.rows import first_to_draw, free_locked, hand_to_walk_in, shift
from booking.requests.check_prerequisites import days_to_come
from booking.swaps.freeze import office_days_closing

Places = dict[tuple[int, Pool], int]
"""Slots and pools with units."""
Outcomes = dict[tuple[int, int], SwapOutcome]
"""What became of some who took part, by the size of their place and their number."""


@dataclass(slots=True)
class Move:
    """Somebody who is to move: the entry, the place that they leave, and the one to which they go."""

    entry: SwapEntry
    leaves: Places
    takes: Places
    position: int


def moves_of(
    night: SwapNight, nights: Sequence[Night], gets: Sequence[NDArray[np.int32]], entries: Mapping[tuple[int, int], Any]
) -> list[Move]:
    """Return who moves where: those who were given a kind take its places in line, free ones and those that are left.

    The order of the places is that of their slots, so nobody chooses whose place they get.
    """
    moves = []
    sizes = sorted({units for units, _ in entries})
    for units, market, given, private in zip(sizes, nights, gets, night.places["markets"], strict=True):
        pools = [Pool(kind["name"].split(" ")[-1]) for kind in private["kinds"]]
        left: dict[int, list[Any]] = defaultdict(list)
        moving = [one for one in np.argsort(market.order).tolist() if given[one] != market.holds[one]]
        for one in moving:
            left[int(market.holds[one])].append(entries[units, one].places)
        there = {
            kind: iter(sorted([*private["kinds"][kind]["free"], *left[kind]]))
            for kind in sorted({int(given[one]) for one in moving})
        }
        for one in moving:
            kind, own = int(given[one]), int(market.holds[one])
            entry = entries[units, one]
            takes = _places(next(there[kind]), pools[kind])
            moves.append(Move(entry, _places(entry.places, pools[own]), takes, int(market.order[one])))
    return moves


def carry_out(session: Session, core: Core, moves: Sequence[Move]) -> Outcomes:
    """Move everybody who can still move, free what they leave, and tell them.

    Who cancelled meanwhile, or was moved by the office, is left out. A place that is gone is nobody's: who was to get
    it keeps what they have, and so on along the chain. All places change by conditional statements of this transaction.
    """
    done: Outcomes = {}
    appointments = _locked(session, [one.entry.appointment_id for one in moves])
    slots = {one.id: one for one in session.scalars(select(Slot).where(Slot.id == any_of(_taken(moves), BigInteger)))}
    closing = office_days_closing(session)
    going = []
    for move in moves:
        appointment, goes_to = appointments.get(move.entry.appointment_id), slots[min(move.takes)[0]]
        day = goes_to.local_day
        if (
            appointment is None
            or not _as_frozen(appointment, move)
            or not days_to_come(session, core, appointment.request, [day])
        ):
            done[move.entry.units, move.entry.number] = SwapOutcome.LEFT
        elif (goes_to.office_id, day) in closing:
            done[move.entry.units, move.entry.number] = SwapOutcome.NO_PLACE
        else:
            going.append(move)
    going = _that_fit(session, going, done)
    changes = _changes(going)
    shift(session, changes)
    _to_walk_ins(session, changes)
    for move in going:
        _move(session, core, appointments[move.entry.appointment_id], move, slots)
        done[move.entry.units, move.entry.number] = SwapOutcome.MOVED
    moved = any_of((one.entry.appointment_id for one in going), Uuid)
    session.execute(delete(SwapWish).where(SwapWish.appointment_id == moved))
    return done


def _taken(moves: Iterable[Move]) -> set[int]:
    return {slot_id for move in moves for slot_id, _ in move.takes}


def _places(seat: Iterable[Sequence[int]], pool: Pool) -> Places:
    return {(slot_id, pool): units for slot_id, units in seat}


def _locked(session: Session, ids: Sequence[UUID]) -> dict[UUID, Appointment]:
    """Return confirmed appointments, locked: requests first, by id, in the order in which answers lock them."""
    requests = session.scalars(
        select(Request.id)
        .join(Appointment, Appointment.request_id == Request.id)
        .where(Appointment.id == any_of(ids, Uuid))
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    found = session.scalars(
        select(Appointment)
        .where(
            Appointment.request_id == any_of(requests, Uuid),
            Appointment.id == any_of(ids, Uuid),
            Appointment.state == AppointmentState.CONFIRMED,
            Appointment.urgent_request_id.is_(None),
        )
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
        .options(selectinload(Appointment.request), selectinload(Appointment.places))
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in found}


def _as_frozen(appointment: Appointment, move: Move) -> bool:
    return {(claim.slot_id, claim.pool): claim.places for claim in appointment.places} == move.leaves


def _that_fit(session: Session, going: list[Move], done: Outcomes) -> list[Move]:
    """Return the moves for which there is a place; the last in line stay where one is missing."""
    free = free_locked(session, {place for one in going for place in (*one.takes, *one.leaves)})
    changes, stay = Counter(_changes(going)), set[int]()
    takers: dict[tuple[int, Pool], list[Move]] = defaultdict(list)
    for move in sorted(going, key=lambda one: one.position):
        for place in move.takes:
            takers[place].append(move)
    lacking = {place for place, change in changes.items() if change > free.get(place, 0)}
    while lacking:
        for place in lacking:
            while id(takers[place][-1]) in stay:
                takers[place].pop()
        stays = max((takers[place][-1] for place in lacking), key=lambda one: one.position)
        stay.add(id(stays))
        done[stays.entry.units, stays.entry.number] = SwapOutcome.NO_PLACE
        changes.subtract(stays.takes)
        changes.update(stays.leaves)
        lacking |= set(stays.leaves)
        lacking = {place for place in lacking if changes[place] > free.get(place, 0)}
    return [one for one in going if id(one) not in stay]


def _changes(going: Iterable[Move]) -> Places:
    changes: Counter[tuple[int, Pool]] = Counter()
    for move in going:
        changes.update(move.takes)
        changes.subtract(move.leaves)
    return {place: count for place, count in changes.items() if count}


def _to_walk_ins(session: Session, changes: Places) -> None:
    """Let those who walk in have what was left on days that no draw reaches any more, as where somebody cancels."""
    drawn_from = first_to_draw(session)
    if drawn_from is None:
        return
    left = {slot_id for (slot_id, _), change in changes.items() if change < 0}
    near = select(Slot.id).where(Slot.id == any_of(left, BigInteger), Slot.local_day < drawn_from)
    walk_in = set(session.scalars(near))
    for (slot_id, pool), change in sorted(changes.items()):
        if change < 0 and slot_id in walk_in:
            hand_to_walk_in(session, slot_id, pool, -change)


def _move(session: Session, core: Core, appointment: Appointment, move: Move, slots: Mapping[int, Slot]) -> None:
    """Give a locked appointment its new place: its reference, its pass and its state stay."""
    taken = sorted((slots[slot_id] for slot_id, _ in move.takes), key=lambda slot: slot.starts_at)
    appointment.office_id = taken[0].office_id
    appointment.starts_at, appointment.ends_at = taken[0].starts_at, taken[-1].ends_at
    appointment.reminded_at = appointment.reminded_early_at = None
    appointment.places = [
        AppointmentPlaces(slot_id=slot_id, pool=pool, places=units) for (slot_id, pool), units in move.takes.items()
    ]
    move.entry.to_office_id, move.entry.to_starts_at = appointment.office_id, appointment.starts_at
    tell(session, core, appointment.request.account_id, "exchanged", reference=appointment.reference)
