"""Write a draw's result: places, appointments, requests, entries, notices. All in the caller's transaction."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, String, and_, case, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from booking.base.arrays import any_of, insert_rows
from booking.base.drawing_agreed import LATEST_CONFIRMATION
from booking.base.errors import CapacityChangedError
from booking.base.references import new_reference
from booking.core.core import Core
from booking.draws.decision import Decision
from booking.draws.format2.nonces import draw_nonce
from booking.draws.formats import DamagedFileError
from booking.draws.turns import lose
from booking.models import Appointment, AppointmentPlaces, Draw, DrawEntry, Message, Request, Slot
from booking.models.states import WAITING_FOR_DRAW, AppointmentState, Pool, RequestState


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A request of the draw that still waits, with its row in the decision."""

    leaf: int
    request_id: UUID


def apply(session: Session, core: Core, draw: Draw, decision: Decision, explained: Sequence[dict[str, Any]]) -> int:
    """Write the whole result; return how many requests had left meanwhile (their places stay free).

    Raises
    ------
    CapacityChangedError
        Places that the closed draw counted on are gone. The caller's transaction must be rolled back.
    booking.draws.formats.DamagedFileError
        Who takes part is not who did when the files were frozen; the same.
    """
    now = core.clock.now()
    waiting = _lock_waiting(session, draw, decision)
    served = [each for each in waiting if decision.seats[each.leaf]]
    appointments = _appointments(session, draw, decision, served, now)
    _take_places(session, decision, served)
    insert_rows(session, Appointment, appointments, draw_id=draw.id, state=AppointmentState.OFFERED, created_at=now)
    insert_rows(session, AppointmentPlaces, list(_places(decision, served, [row["id"] for row in appointments])))
    _fill_entries(session, draw, decision, explained)
    _move_requests(session, draw)
    lose(session, draw)
    _tell(session, draw, now)
    return len(explained) - len(waiting)


def _lock_waiting(session: Session, draw: Draw, decision: Decision) -> list[_Waiting]:
    """Lock the requests that still wait, each the one that the files froze at its leaf, by its nonce."""
    rows = session.execute(
        select(DrawEntry.leaf_index, Request.id, Request.nonce)
        .join(Request, Request.id == DrawEntry.request_id)
        .where(DrawEntry.draw_id == draw.id, Request.draw_id == draw.id, Request.state.in_(WAITING_FOR_DRAW))
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    leaves = decision.frozen.leaves
    frozen = (nonce if draw.format == 1 else draw_nonce(nonce, draw.reference) for _, _, nonce in rows)
    if any(leaves[row.leaf_index].wish.nonce != nonce for row, nonce in zip(rows, frozen, strict=True)):
        raise DamagedFileError(f"requests were put in the place of others in draw {draw.reference}")
    return [_Waiting(leaf, request_id) for leaf, request_id, _ in rows]


def _appointments(
    session: Session, draw: Draw, decision: Decision, served: Sequence[_Waiting], now: datetime
) -> list[dict[str, Any]]:
    wanted = sorted({slot for each in served for slot, _ in decision.seats[each.leaf]})
    slots = {
        row.id: row
        for row in session.execute(
            select(Slot.id, Slot.office_id, Slot.starts_at, Slot.ends_at).where(Slot.id == any_of(wanted, BigInteger))
        )
    }
    if len(slots) != len(wanted):
        raise CapacityChangedError(f"{len(wanted) - len(slots)} slots of draw {draw.reference} are gone")
    within = timedelta(seconds=draw.confirm_seconds)
    rows = []
    for each, reference in zip(served, _new_references(session, len(served)), strict=True):
        seat = decision.seats[each.leaf]
        first, last = slots[seat[0][0]], slots[seat[-1][0]]
        rows.append(
            {
                "id": uuid4(),
                "reference": reference,
                "request_id": each.request_id,
                "office_id": first.office_id,
                "starts_at": first.starts_at,
                "ends_at": last.ends_at,
                "confirm_by": min(now + within, first.starts_at - LATEST_CONFIRMATION),
            }
        )
    return rows


def _new_references(session: Session, count: int) -> list[str]:
    """Make references that no appointment has: among a million of 40 bits, ten thousand new ones do collide."""
    fresh: set[str] = set()
    while len(fresh) < count:
        tried = {new_reference() for _ in range(count - len(fresh))}
        used = select(Appointment.reference).where(Appointment.reference == any_of(tried, String))
        fresh |= tried - set(session.scalars(used))
    return list(fresh)


def _take_places(session: Session, decision: Decision, served: Sequence[_Waiting]) -> None:
    """Take all places by one conditional statement, slots locked in the order of their keys."""
    wanted: Counter[tuple[int, Pool]] = Counter()
    for slot, pool, units in _claims(decision, served):
        wanted[slot, pool] += units
    if not wanted:
        return
    keys = sorted(wanted)
    columns: dict[str, list[Any]] = {"slots": [slot for slot, _ in keys], "pools": [pool.value for _, pool in keys]}
    session.execute(
        text(
            """
            SELECT FROM slot_pool
            WHERE (slot_id, pool) IN (SELECT * FROM unnest(CAST(:slots AS bigint[]), CAST(:pools AS text[])))
            ORDER BY slot_id, pool FOR UPDATE
            """
        ),
        columns,
    )
    taken = session.execute(
        text(
            """
            UPDATE slot_pool SET taken = taken + wanted.units
            FROM unnest(CAST(:slots AS bigint[]), CAST(:pools AS text[]), CAST(:units AS int[]))
                 AS wanted(slot_id, pool, units)
            WHERE slot_pool.slot_id = wanted.slot_id AND slot_pool.pool = wanted.pool
              AND slot_pool.taken + wanted.units <= slot_pool.places
            RETURNING slot_pool.slot_id
            """
        ),
        columns | {"units": [wanted[key] for key in keys]},
    ).all()
    if len(taken) != len(keys):
        raise CapacityChangedError(f"{len(keys) - len(taken)} slots have fewer free places than when the draw closed")


def _places(decision: Decision, served: Sequence[_Waiting], ids: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    for each, appointment_id in zip(served, ids, strict=True):
        for slot, pool, units in _claims(decision, [each]):
            yield {"appointment_id": appointment_id, "slot_id": slot, "pool": pool, "places": units}


def _claims(decision: Decision, served: Sequence[_Waiting]) -> Iterator[tuple[int, Pool, int]]:
    for each in served:
        pool = decision.frozen.bins[int(decision.plan.bin_of_request[each.leaf])].pool
        for slot, units in decision.seats[each.leaf]:
            yield slot, pool, units


def _move_requests(session: Session, draw: Draw) -> None:
    """Make the same moves as ``Request.move_to`` for thousands; their people stay in a live request."""
    session.execute(
        update(Request)
        .where(
            DrawEntry.draw_id == draw.id,
            DrawEntry.request_id == Request.id,
            Request.draw_id == draw.id,
            Request.state.in_(WAITING_FOR_DRAW),
        )
        .values(state=case((DrawEntry.served.is_(True), RequestState.DRAWN), else_=RequestState.CARRIED_OVER))
        .execution_options(synchronize_session=False)
    )


def _tell(session: Session, draw: Draw, now: datetime) -> None:
    """Write a notice for everyone who waited: of the place that they have, or that they wait on."""
    drawn = select(Request.account_id, Appointment.reference, literal("request_drawn")).join(
        Appointment, and_(Appointment.request_id == Request.id, Appointment.draw_id == draw.id)
    )
    carried = select(Request.account_id, Request.reference, literal("request_carried_over")).where(
        Request.draw_id == draw.id, Request.state == RequestState.CARRIED_OVER
    )
    for rows in (drawn, carried):
        account_id, reference, kind = rows.selected_columns
        values = func.jsonb_build_object("reference", reference, "draw", draw.reference)
        notices = rows.with_only_columns(func.gen_random_uuid(), account_id, kind, values, literal(now))
        columns = ["id", "account_id", "kind", "values", "created_at"]
        session.execute(insert(Message).from_select(columns, notices, include_defaults=False))


def _fill_entries(session: Session, draw: Draw, decision: Decision, explained: Sequence[dict[str, Any]]) -> None:
    """Write position, outcome, rank and explanation of every leaf."""
    session.execute(
        text(
            """
            UPDATE draw_entry
            SET position = result.position, served = result.served, rank = result.rank,
                explanation = CAST(result.explanation AS jsonb)
            FROM unnest(CAST(:leaves AS int[]), CAST(:positions AS int[]), CAST(:served AS bool[]),
                        CAST(:ranks AS smallint[]), CAST(:explained AS text[]))
                 AS result(leaf_index, position, served, rank, explanation)
            WHERE draw_entry.draw_id = :draw_id AND draw_entry.leaf_index = result.leaf_index
            """
        ).bindparams(draw_id=draw.id),
        {
            "leaves": list(range(len(explained))),
            "positions": decision.problem.order.tolist(),
            "served": [bool(seat) for seat in decision.seats],
            "ranks": [rank if rank >= 0 else None for rank in decision.rank.tolist()],
            "explained": [json.dumps(each) for each in explained],
        },
    )
