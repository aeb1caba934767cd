"""What a draw closes over: the waiting requests as leaves, the free places as bins."""

import hmac
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, select, update
from sqlalchemy.orm import Session

from booking.base.arrays import any_of
from booking.base.drawing_agreed import NOTICE
from booking.draws.files import Bin
from booking.draws.format2.rows import Entrant
from booking.draws.horizon import last_possible, meets_days, meets_horizon
from booking.draws.leaf import PSEUDONYM_BYTES, Leaf
from booking.draws.papers import Papers
from booking.draws.turns import is_logged, link_of, receipt_entry
from booking.draws.visits import without_lonely_links
from booking.draws.wishes import wish_of, wishes
from booking.models import (
    Draw,
    LogEntry,
    Office,
    Request,
    RequestMember,
    Slot,
    SlotPool,
    UrgentRequest,
    Verdict,
)
from booking.models.states import OPEN_URGENT_STATES, WAITING_FOR_DRAW, Pool, RequestState, UrgentState
from booking.requests.asking.screen import AWAY, REGISTER
from booking.requests.seen_here import waits_for_register


@dataclass(frozen=True, slots=True)
class Participant:
    """A request in the draw, beside what is never published: its row, and who is told."""

    request_id: UUID
    entrant: Entrant


def lapsed_before(session: Session, draw: Draw, now: datetime) -> Sequence[tuple[UUID, UUID, str]]:
    """End waiting requests whose last possible day is before the horizon, with their open urgent cases.

    Gives request, account and reference of each.
    """
    ended = session.execute(
        update(Request)
        .where(Request.state.in_(WAITING_FOR_DRAW), last_possible() < draw.horizon_first)
        .values(state=RequestState.LAPSED)
        .returning(Request.id, Request.account_id, Request.reference)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(RequestMember)
        .where(RequestMember.request_id == any_of((row.id for row in ended), Uuid))
        .values(live=False)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(UrgentRequest)
        .where(
            UrgentRequest.request_id == any_of((row.id for row in ended), Uuid),
            UrgentRequest.state.in_(OPEN_URGENT_STATES),
        )
        .values(state=UrgentState.LAPSED, assigned_to=None, assigned_at=None, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    return [(row.id, row.account_id, row.reference) for row in ended]


def participants(session: Session, draw: Draw, pseudonym_key: bytes, papers: Papers, size: int) -> list[Participant]:
    """Lock the waiting requests that were asked in time and meet the horizon; return them in leaf order (by receipt).

    Their receipts of asking are among the first ``size`` entries of the log.

    Requests for later days, and those whose people lack papers, wait without losing a draw that could not have served
    them.
    """
    locked = session.scalars(
        select(Request.id)
        .where(
            Request.state.in_(WAITING_FOR_DRAW),
            Request.created_at <= draw.closes_at,
            *meets_horizon(draw),
            ~Request.id.in_(papers.left_out),
            ~waits_for_register(),
            is_logged(size),
        )
        .order_by(Request.id)
        .with_for_update()
    ).all()
    which = Request.id == any_of(locked, Uuid)
    logged = wishes(which).add_columns(LogEntry.index.label("logged")).join(LogEntry, receipt_entry())
    rows = session.execute(logged).all()
    leaves = without_lonely_links([_asked(row, draw, pseudonym_key, papers) for row in rows])
    found = [
        Participant(
            row.id,
            Entrant.of(
                leaf.wish,
                draw.reference,
                person=leaf.person,
                priority=leaf.priority,
                logged=row.logged,
                lasting=row.lasting_draws - row.owed_turns,
                link=link_of(row),
                holds=leaf.holds,
                together=leaf.together,
            ),
        )
        for row, leaf in zip(rows, leaves, strict=True)
    ]
    return sorted(found, key=lambda each: each.entrant.leaf.receipt)


def _asked(row: Any, draw: Draw, pseudonym_key: bytes, papers: Papers) -> Leaf:
    """Return a request as it was asked, with its place in the line of a draw."""
    person = pseudonym(pseudonym_key, draw.id, row.person_id)
    together = pseudonym(pseudonym_key, draw.id, row.account_id) if row.together else None
    return Leaf(wish_of(row), row.receipt, person, row.lost_draws - row.owed_turns, papers.days.get(row.id), together)


def waiting_leaves(session: Session, first: date, last: date) -> list[Leaf]:
    """Return the requests that wait now and could be served on some days, for a draw that is only tried.

    Nothing is locked or written, no papers are looked at, and nobody's pseudonym in a real draw is used: receipts stand
    for people.
    """
    rows = session.execute(wishes(Request.state.in_(WAITING_FOR_DRAW), *meets_days(first, last)))
    leaves = [
        Leaf(wish_of(row), row.receipt, sha256(row.receipt).digest()[:PSEUDONYM_BYTES], row.lost_draws) for row in rows
    ]
    return sorted(leaves, key=lambda leaf: leaf.receipt)


def free_bins(session: Session, draw: Draw, now: datetime) -> list[Bin]:
    """Return the free places of the horizon as runs of touching slots, by office, day, band, pool and time."""
    return free_runs(
        session,
        first=draw.horizon_first,
        last=draw.horizon_last,
        after=now + NOTICE,
        pools=(Pool.DRAW, Pool.ACCESSIBLE),
    )


def free_runs(
    session: Session,
    *,
    first: date,
    last: date,
    after: datetime,
    pools: Collection[Pool],
    offices: Collection[int] = (),
) -> list[Bin]:
    """Return free places as runs of touching slots; of all active offices unless some are named by id."""
    rows = session.execute(
        select(
            Office.code,
            Office.accessible,
            Slot.local_day,
            Slot.band,
            SlotPool.pool,
            Slot.id,
            Slot.starts_at,
            Slot.ends_at,
            (SlotPool.places - SlotPool.taken).label("free"),
        )
        .join(Slot, Slot.office_id == Office.id)
        .join(SlotPool, SlotPool.slot_id == Slot.id)
        .where(
            Office.active,
            Slot.local_day.between(first, last),
            Slot.starts_at >= after,
            SlotPool.pool.in_(pools),
            SlotPool.taken < SlotPool.places,
            *([Office.id.in_(offices)] if offices else []),
        )
        .order_by(Office.code, Slot.local_day, SlotPool.pool, Slot.starts_at)
    ).all()
    bins = [
        Bin(
            office=run[0].code,
            accessible=run[0].accessible,
            day=run[0].local_day,
            band=run[0].band,
            pool=run[0].pool,
            starts_at=run[0].starts_at.astimezone(UTC),
            slots=tuple(row.id for row in run),
            free=tuple(row.free for row in run),
        )
        for run in _touching(rows)
    ]
    return sorted(bins, key=lambda each: (each.office, each.day, each.starts_at, each.pool))


def pseudonym(key: bytes, draw_id: UUID, person_id: UUID) -> bytes:
    """Return the id of a person or account in one draw: without the key nobody can tell who it is or link draws."""
    return hmac.digest(key, draw_id.bytes + person_id.bytes, sha256)[:PSEUDONYM_BYTES]


def _touching(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Split the slots of each office, day, band and pool where one does not begin when the one before it ends."""
    for _, group in groupby(rows, key=lambda row: (row.code, row.local_day, row.band, row.pool)):
        run: list[Any] = []
        for row in group:
            if run and run[-1].ends_at != row.starts_at:
                yield run
                run = []
            run.append(row)
        yield run


def register_unread(session: Session, draw: Draw) -> int:
    """Count the requests of a draw about which the register was away whenever it was asked."""
    unread = select(Verdict.request_id).where(Verdict.inputs[REGISTER].as_string() == AWAY)
    return session.scalars(select(func.count()).where(Request.draw_id == draw.id, Request.id.in_(unread))).one()
