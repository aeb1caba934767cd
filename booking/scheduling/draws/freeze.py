"""What a draw closes over: the waiting requests as leaves, the free places as bins."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, func, select, update
from sqlalchemy.orm import Session

from booking.platform.base.arrays import AT_ONCE, any_of
from booking.platform.base.db import read_ahead
from booking.platform.base.drawing_agreed import NOTICE
from booking.platform.base.keyed_hash import keyed_by
from booking.platform.models import (
    Draw,
    DrawEntry,
    LogEntry,
    Office,
    Request,
    RequestMember,
    Slot,
    SlotPool,
    UrgentRequest,
    Verdict,
    waits_for_draw,
)
from booking.platform.models.states import OPEN_URGENT_STATES, Pool, RequestState, UrgentState
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.format2.line import LineWriter, Standing, Written
from booking.scheduling.draws.format2.rows import Link, RowList
from booking.scheduling.draws.leaf import PSEUDONYM_BYTES, Leaf
from booking.scheduling.draws.papers import Papers
from booking.scheduling.draws.turns import (
    KeptTurn,
    MadeTurns,
    is_logged,
    last_possible,
    link_of,
    meets_days,
    meets_horizon,
    receipt_entry,
)
from booking.scheduling.draws.wishes import OfficeCodes, bands_of, is_plain, wish_of, wishes, without_lonely_links
from booking.scheduling.requests.asking.screen import AWAY, REGISTER
from booking.scheduling.requests.judge_again import waits_for_register
from booking.scheduling.requests.withdraw import keep_given_up

Value = TypeVar("Value")
_NO_TURN: Final[tuple[int, None]] = -1, None


class Participant(NamedTuple):
    """A request in the draw as it is written, beside what is not published: its row, and what its turn follows from.

    ``turn``: what the draw put on record for it beside the line.
    """

    request_id: UUID
    written: Written
    link: Link | None
    turn: KeptTurn | None


def lapsed_before(session: Session, draw: Draw, now: datetime) -> Sequence[tuple[UUID, UUID, str]]:
    """End waiting requests whose last possible day is before the horizon, with their open urgent cases.

    Gives request, account and reference of each.
    """
    ended = session.execute(
        update(Request)
        .where(waits_for_draw(), last_possible() < draw.horizon_first)
        .values(state=RequestState.LAPSED)
        .returning(Request.id, Request.account_id, Request.reference, Request.reschedules)
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
    keep_given_up(session, [row.id for row in ended if row.reschedules], now)
    return [(row.id, row.account_id, row.reference) for row in ended]


def participants(
    session: Session, draw: Draw, pseudonym_key: bytes, papers: Papers, kept: MadeTurns, size: int
) -> Generator[Participant]:
    """Yield the waiting requests that were asked in time and meet the horizon, in no order; nothing is locked.

    Their receipts of asking are among the first ``size`` entries of the log. Requests for later days, and those whose
    people lack papers, wait without losing a draw that could not have served them.

    Parameters
    ----------
    kept
        Returns the turns that the draw puts on record, once the database is at work: a request in the line that has
        one follows from it.
    """
    which = (
        waits_for_draw(),
        Request.created_at <= draw.closes_at,
        *meets_horizon(draw),
        ~waits_for_register(),
    )
    logged = wishes(*which).add_columns(LogEntry.index.label("logged")).join(LogEntry, receipt_entry())
    offices = OfficeCodes(session)
    person = pseudonyms(pseudonym_key, draw.id)
    meeting = _meeting(session, (*which, is_logged(size)), person, papers.left_out, offices)
    left_out, days, together = _by_number(papers.left_out), _by_number(papers.days), _by_number(meeting)
    writer = LineWriter(draw.reference)
    with read_ahead(session, logged.where(LogEntry.index < size), AT_ONCE) as rows:
        turns = {one.request.id.int: (row, one) for row, one in enumerate(kept())}
        for row in rows:
            key = row.id.int
            if key in left_out:  # too many to name in a statement
                continue
            number, turn = turns.get(key, _NO_TURN)
            link = Link(draw.reference, RowList.TURNS, number) if turn else link_of(row)
            standing = Standing(
                person=person(row.person_id),
                priority=turn.turn.priority if turn else row.lost_draws - row.owed_turns,
                logged=row.logged,
                lasting=turn.turn.lasting or 0 if turn else row.lasting_draws - row.owed_turns,
                link=link,
                holds=days.get(key),
                together=together.get(key),
            )
            if is_plain(row):
                written = writer.write_plain(row, offices[row.offices], bands_of(row.bands), standing)
            else:
                written = writer.write(wish_of(row, offices), standing)
            yield Participant(row.id, written, link, turn)


def _by_number(by_id: Mapping[UUID, Value]) -> dict[int, Value]:
    """Return the same by the ids' numbers: an id is hashed by a function of Python's, each time it is looked up."""
    return {one.int: value for one, value in by_id.items()}


def _meeting(
    session: Session,
    which: Sequence[Any],
    household: Callable[[UUID], bytes],
    left_out: Collection[UUID],
    offices: OfficeCodes,
) -> dict[UUID, bytes]:
    """Return the household's pseudonym of the requests that wish to come together and have somebody to meet."""
    wished = wishes(*which, Request.together).add_columns(Request.account_id)
    rows = [row for row in session.execute(wished) if row.id not in left_out]
    households = [household(row.account_id) for row in rows]
    leaves = [
        Leaf(wish_of(row, offices), row.receipt, b"", 0, None, one) for row, one in zip(rows, households, strict=True)
    ]
    linked = zip(rows, without_lonely_links(leaves), strict=True)
    return {row.id: leaf.together for row, leaf in linked if leaf.together is not None}


def waiting_leaves(session: Session, first: date, last: date) -> list[Leaf]:
    """Return the requests that wait now and could be served on some days, for a draw that is only tried.

    Nothing is locked or written, no papers are looked at, and nobody's pseudonym in a real draw is used: receipts stand
    for people.
    """
    offices = OfficeCodes(session)
    rows = session.execute(wishes(waits_for_draw(), *meets_days(first, last)))
    leaves = [
        Leaf(wish_of(row, offices), row.receipt, sha256(row.receipt).digest()[:PSEUDONYM_BYTES], row.lost_draws)
        for row in rows
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
    return pseudonyms(key, draw_id)(person_id)


def pseudonyms(key: bytes, draw_id: UUID) -> Callable[[UUID], bytes]:
    """Return `pseudonym` in one draw, for many people."""
    keyed, draw = keyed_by(key), draw_id.bytes
    return lambda person_id: keyed(draw + person_id.bytes)[:PSEUDONYM_BYTES]


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
    in_it = DrawEntry.draw_id == draw.id, DrawEntry.request_id.in_(unread)
    return session.scalars(select(func.count()).where(*in_it)).one()
