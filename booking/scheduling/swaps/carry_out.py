"""Make moves of a night in the caller's transaction: who can still move, and what is written of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Result, Uuid, delete, select, text, update
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.core import Core
from booking.country.places.rows import first_to_draw, free_locked, free_now, hand_to_walk_in, shift
from booking.platform.base.arrays import any_of, insert_rows
from booking.platform.models import (
    Appointment,
    AppointmentPlaces,
    Message,
    Request,
    Slot,
    SwapEntry,
    SwapNight,
    SwapOutcome,
    SwapWish,
)
from booking.platform.models.base import Json
from booking.platform.models.states import AppointmentState, Pool
from booking.scheduling.requests.wish_again import days_to_come
from booking.scheduling.swaps.errors import DamagedNightError
from booking.scheduling.swaps.freeze import office_days_closing, serving_offices
from booking.scheduling.swaps.moves import Move, Places
from booking.scheduling.swaps.wish import LATEST, end_wishes

Outcomes = dict[tuple[int, int], SwapOutcome]
"""What became of some who took part, by the size of their place and their number."""

_MOVE: Final = text("""
    UPDATE appointment
    SET office_id = new.office_id, starts_at = new.starts_at, ends_at = new.ends_at,
        reminded_at = NULL, reminded_early_at = NULL
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:offices AS integer[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])
    ) AS new (id, office_id, starts_at, ends_at)
    WHERE appointment.id = new.id
""")
_STAY: Final = text("""
    UPDATE swap_entry SET outcome = new.outcome
    FROM unnest(CAST(:units AS smallint[]), CAST(:numbers AS integer[]), CAST(:outcomes AS text[]))
        AS new (units, number, outcome)
    WHERE swap_entry.night_id = :night AND swap_entry.units = new.units AND swap_entry.number = new.number
      AND swap_entry.outcome IS NULL
""")


@dataclass(frozen=True, slots=True)
class _Held:
    """A confirmed appointment as it is now, with its request where something must be there on the day.

    ``accessible``: its people need step-free access.
    """

    reference: str
    account_id: UUID
    accessible: bool
    starts_at: datetime
    places: Places
    request: Request | None


def find_who_stay(session: Session, core: Core, moves: Sequence[Move]) -> Outcomes:
    """Return what became of those who were given a place and cannot go there, as things stand; nobody is moved.

    Who cancelled meanwhile, or was moved by the office, is left out. A place that is gone is nobody's: the last in line
    of those who were to get it keeps what they have, and so on along the chain.
    """
    return _sifted(session, core, moves, _appointments(session, moves), _slots(session, moves), free_now)[1]


def carry_out(session: Session, core: Core, night: SwapNight, moves: Sequence[Move]) -> None:
    """Move everybody who can still move, free what they leave, tell them; each entry says what became of its holder.

    All places change by conditional statements of this transaction, in which nobody has two of them, or none.
    """
    appointments, slots = _locked(session, moves), _slots(session, moves)
    going, done = _sifted(session, core, moves, appointments, slots, free_locked)
    changes = _changes(going)
    shift(session, changes)
    _to_walk_ins(session, changes)
    if going:
        _move(session, core, night, going, appointments, slots)
    keep_outcomes(session, night, done)


def keep_outcomes(session: Session, night: SwapNight, done: Outcomes) -> None:
    """Say in the entries of some who stay what became of them, where they do not say it yet.

    Raises
    ------
    DamagedNightError
        One of them says it: somebody else gave out what the caller counted on. Its transaction must be rolled back.
    """
    if not done:
        return
    (units, numbers), outcomes = zip(*done, strict=True), [one.value for one in done.values()]
    values = {"night": night.id, "units": list(units), "numbers": list(numbers), "outcomes": outcomes}
    _require_all(night, session.execute(_STAY, values), len(done))


def _require_all(night: SwapNight, result: Result[Any], count: int) -> None:
    if result.rowcount != count:  # type: ignore[attr-defined] # an UPDATE has a count
        raise DamagedNightError(night.reference)


def _sifted(
    session: Session,
    core: Core,
    moves: Sequence[Move],
    appointments: Mapping[UUID, _Held],
    slots: Mapping[int, Slot],
    free_of: Callable[[Session, Collection[tuple[int, Pool]]], Places],
) -> tuple[list[Move], Outcomes]:
    """Return the moves that can be made, and what became of the others."""
    done: Outcomes = {}
    closing, serving, soonest = office_days_closing(session), serving_offices(session), core.clock.now() + LATEST
    going = []
    for move in moves:
        appointment, goes_to = appointments.get(move.appointment_id), slots[min(move.takes)[0]]
        day = goes_to.local_day
        if (
            appointment is None
            or appointment.places != move.leaves
            or (appointment.request is not None and not days_to_come(session, core, appointment.request, [day]))
        ):
            done[move.key] = SwapOutcome.LEFT
        elif (
            min(goes_to.starts_at, appointment.starts_at) < soonest
            or (goes_to.office_id, day) in closing
            or goes_to.office_id not in serving[appointment.accessible].values()
        ):
            done[move.key] = SwapOutcome.NO_PLACE
        else:
            going.append(move)
    free = free_of(session, {place for one in going for place in (*one.takes, *one.leaves)})
    return _that_fit(free, going, done), done


def _slots(session: Session, moves: Iterable[Move]) -> dict[int, Slot]:
    taken = any_of({slot_id for move in moves for slot_id, _ in move.takes}, BigInteger)
    return {one.id: one for one in session.scalars(select(Slot).where(Slot.id == taken))}


def _locked(session: Session, moves: Sequence[Move]) -> dict[UUID, _Held]:
    """Return confirmed appointments, locked: requests first, by id, in the order in which answers lock them."""
    ids = any_of((one.appointment_id for one in moves), Uuid)
    requests = select(Request.id).join(Appointment, Appointment.request_id == Request.id).where(Appointment.id == ids)
    session.execute(requests.order_by(Request.id).with_for_update(of=Request)).all()
    session.execute(
        select(Appointment.id).where(Appointment.id == ids).order_by(Appointment.id).with_for_update()
    ).all()
    return _appointments(session, moves)


def _appointments(session: Session, moves: Sequence[Move]) -> dict[UUID, _Held]:
    """Return by id those appointments of moves that are confirmed, and not urgent ones."""
    ids = any_of((one.appointment_id for one in moves), Uuid)
    rows = session.execute(
        select(Appointment.id, Appointment.reference, Appointment.starts_at, Request.account_id)
        .add_columns(Request.id.label("request_id"), Request.accessible, Request.must_hold)
        .join(Request, Request.id == Appointment.request_id)
        .where(
            Appointment.id == ids,
            Appointment.state == AppointmentState.CONFIRMED,
            Appointment.urgent_request_id.is_(None),
        )
    ).all()
    places: dict[UUID, Places] = defaultdict(dict)
    for claim in session.execute(
        select(
            AppointmentPlaces.appointment_id,
            AppointmentPlaces.slot_id,
            AppointmentPlaces.pool,
            AppointmentPlaces.places,
        ).where(AppointmentPlaces.appointment_id == ids)
    ):
        places[claim.appointment_id][claim.slot_id, claim.pool] = claim.places
    asked = select(Request).where(Request.id == any_of((one.request_id for one in rows if one.must_hold), Uuid))
    requests = {one.id: one for one in session.scalars(asked)}
    return {
        one.id: _Held(
            one.reference, one.account_id, one.accessible, one.starts_at, places[one.id], requests.get(one.request_id)
        )
        for one in rows
    }


def _that_fit(free: Places, going: list[Move], done: Outcomes) -> list[Move]:
    """Return the moves for which there is a place; the last in line stay where one is missing."""
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


def _move(
    session: Session,
    core: Core,
    night: SwapNight,
    going: Sequence[Move],
    appointments: Mapping[UUID, _Held],
    slots: Mapping[int, Slot],
) -> None:
    """Give locked appointments their new places, by a few statements for all of them: reference and state stay."""
    ids = [one.appointment_id for one in going]
    taken = [sorted((slots[slot_id] for slot_id, _ in one.takes), key=lambda slot: slot.starts_at) for one in going]
    new = {
        "ids": ids,
        "offices": [some[0].office_id for some in taken],
        "starts": [some[0].starts_at for some in taken],
        "ends": [some[-1].ends_at for some in taken],
    }
    session.execute(_MOVE, new)
    theirs = any_of(ids, Uuid)
    became = {
        "outcome": SwapOutcome.MOVED,
        "to_office_id": Appointment.office_id,
        "to_starts_at": Appointment.starts_at,
        "moved_at": core.clock.now(),  # after the locks were given: nothing that shows the new place is older
    }
    mine = SwapEntry.night_id == night.id, SwapEntry.appointment_id == theirs, SwapEntry.outcome.is_(None)
    moved = update(SwapEntry).where(*mine, Appointment.id == SwapEntry.appointment_id).values(became)
    _require_all(night, session.execute(moved, execution_options={"synchronize_session": False}), len(ids))
    end_wishes(session, core, SwapWish.appointment_id == theirs)
    session.execute(delete(AppointmentPlaces).where(AppointmentPlaces.appointment_id == theirs))
    insert_rows(session, AppointmentPlaces, [claim for move in going for claim in _claims(move)])
    held = [appointments[one] for one in ids]
    told = [messages.row(core, one.account_id, "exchanged", {"reference": one.reference}) for one in held]
    insert_rows(session, Message, told)


def _claims(move: Move) -> Iterator[Json]:
    for (slot_id, pool), units in move.takes.items():
        yield {"appointment_id": move.appointment_id, "slot_id": slot_id, "pool": pool, "places": units}


Chain = list[Move]
_Seat = frozenset[tuple[object, int]]


def chains(moves: Sequence[Move]) -> list[Chain]:
    """Return the moves in chains, those first whose last place goes to somebody ahead in line.

    Who moves in a chain goes to the place of the one after them, the last of them to a free place; in a cycle the last
    goes to the place of the first. None visits a place twice, so they are as short as they can be cut. As long as all
    moves together fit, each chain fits by itself, whichever was made before.
    """
    leaving: dict[_Seat, list[Move]] = defaultdict(list)
    over: Counter[_Seat] = Counter()
    for move in sorted(moves, key=lambda one: (one.position, one.key), reverse=True):
        leaving[_seat(move.leaves)].append(move)
        over[_seat(move.leaves)] += 1
        over[_seat(move.takes)] -= 1
    found: list[Chain] = []
    # Places that more people leave than take come first: a chain that began elsewhere would count on another one's.
    begins = [seat for seat, count in over.items() for _ in range(count)]
    for seat in begins:
        found += _walk(leaving, seat)
    for seat in list(leaving):
        while leaving[seat]:
            found += _walk(leaving, seat)
    return sorted(found, key=lambda chain: (chain[-1].position, chain[-1].key))


def slices(found: Sequence[Chain], most: int) -> Iterator[list[Chain]]:
    """Yield runs of whole chains, of so many moves at most; a chain that is longer is a slice of its own."""
    part: list[Chain] = []
    for chain in found:
        if part and sum(map(len, part)) + len(chain) > most:
            yield part
            part = []
        part.append(chain)
    if part:
        yield part


def _walk(leaving: dict[_Seat, list[Move]], seat: _Seat) -> Iterator[Chain]:
    """Yield the cycles on a way from a place to where nobody leaves any more, and the rest of the way."""
    way: Chain = []
    reached = {seat: 0}
    while leaving[seat]:
        move = leaving[seat].pop()
        way.append(move)
        seat = _seat(move.takes)
        if seat in reached:
            cycle = way[reached[seat] :]
            del way[reached[seat] :]
            for one in cycle[:-1]:
                del reached[_seat(one.takes)]
            yield cycle
        else:
            reached[seat] = len(way)
    if way:
        yield way


def _seat(places: Places) -> _Seat:
    return frozenset(places.items())
