"""Move appointments of a night in the caller's transaction: who can still move, and to which places."""

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


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who is to move: their entry's size and number, the place that they leave, the one to which they go."""

    key: tuple[int, int]
    appointment_id: UUID
    leaves: Places
    takes: Places
    position: int


def moves_of(
    night: SwapNight,
    nights: Sequence[Night],
    gets: Sequence[NDArray[np.int32]],
    entries: Mapping[tuple[int, int], SwapEntry],
) -> list[Move]:
    """Return who moves where: those who were given a kind take its places in line, free ones and those that are left.

    The order of the places is that of their slots, so nobody chooses whose place they get. It follows from what was
    closed, so it is the same each time, whoever was moved already.
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
            leaves, takes = _places(entry.places, pools[own]), _places(next(there[kind]), pools[kind])
            moves.append(Move((units, one), entry.appointment_id, leaves, takes, int(market.order[one])))
    return moves


def find_who_stay(session: Session, core: Core, moves: Sequence[Move]) -> Outcomes:
    """Return what became of those who were given a place and cannot go there, as things stand; nobody is moved.

    Who cancelled meanwhile, or was moved by the office, is left out. A place that is gone is nobody's: the last in line
    of those who were to get it keeps what they have, and so on along the chain.
    """
    return _sifted(session, core, moves, _appointments(session, moves), _slots(session, moves))[1]


def carry_out(
    session: Session, core: Core, moves: Sequence[Move], entries: Mapping[tuple[int, int], SwapEntry]
) -> None:
    """Move everybody who can still move, free what they leave, tell them; each entry says what became of its holder.

    All places change by conditional statements of this transaction, in which nobody has two of them, or none.
    """
    appointments, slots = _locked(session, moves), _slots(session, moves)
    going, done = _sifted(session, core, moves, appointments, slots)
    changes = _changes(going)
    shift(session, changes)
    _to_walk_ins(session, changes)
    for move in going:
        entry, appointment = entries[move.key], appointments[move.appointment_id]
        _move(session, core, appointment, move, slots)
        entry.outcome = SwapOutcome.MOVED
        entry.to_office_id, entry.to_starts_at = appointment.office_id, appointment.starts_at
    for key, outcome in done.items():
        entries[key].outcome = outcome
    moved = any_of((one.appointment_id for one in going), Uuid)
    session.execute(delete(SwapWish).where(SwapWish.appointment_id == moved))


def _sifted(
    session: Session,
    core: Core,
    moves: Sequence[Move],
    appointments: Mapping[UUID, Appointment],
    slots: Mapping[int, Slot],
) -> tuple[list[Move], Outcomes]:
    """Return the moves that can be made, and what became of the others; the places of all are locked."""
    done: Outcomes = {}
    closing, going = office_days_closing(session), []
    for move in moves:
        appointment, goes_to = appointments.get(move.appointment_id), slots[min(move.takes)[0]]
        day = goes_to.local_day
        if (
            appointment is None
            or not _as_frozen(appointment, move)
            or not days_to_come(session, core, appointment.request, [day])
        ):
            done[move.key] = SwapOutcome.LEFT
        elif (goes_to.office_id, day) in closing:
            done[move.key] = SwapOutcome.NO_PLACE
        else:
            going.append(move)
    return _that_fit(session, going, done), done


def _slots(session: Session, moves: Iterable[Move]) -> dict[int, Slot]:
    taken = any_of(_taken(moves), BigInteger)
    return {one.id: one for one in session.scalars(select(Slot).where(Slot.id == taken))}


def _taken(moves: Iterable[Move]) -> set[int]:
    return {slot_id for move in moves for slot_id, _ in move.takes}


def _places(seat: Iterable[Sequence[int]], pool: Pool) -> Places:
    return {(slot_id, pool): units for slot_id, units in seat}


def _locked(session: Session, moves: Sequence[Move]) -> dict[UUID, Appointment]:
    """Return confirmed appointments, locked: requests first, by id, in the order in which answers lock them."""
    ids = any_of((one.appointment_id for one in moves), Uuid)
    requests = select(Request.id).join(Appointment, Appointment.request_id == Request.id).where(Appointment.id == ids)
    session.execute(requests.order_by(Request.id).with_for_update(of=Request)).all()
    session.execute(
        select(Appointment.id).where(Appointment.id == ids).order_by(Appointment.id).with_for_update()
    ).all()
    return _appointments(session, moves)


def _appointments(session: Session, moves: Sequence[Move]) -> dict[UUID, Appointment]:
    """Return by id those appointments of moves that are confirmed, and not urgent ones."""
    found = session.scalars(
        select(Appointment)
        .where(
            Appointment.id == any_of((one.appointment_id for one in moves), Uuid),
            Appointment.state == AppointmentState.CONFIRMED,
            Appointment.urgent_request_id.is_(None),
        )
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
        done[stays.key] = SwapOutcome.NO_PLACE
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
    tell(session, core, appointment.request.account_id, "exchanged", reference=appointment.reference)
