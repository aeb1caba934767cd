"""Turns on record: which row of which draw the priority of each request follows from.

A request's link names the last row in which it stood; `lost_draws` is what that row hands on (for a wish that is not
within the one of the row: `lasting_draws`, the lost draws in which something fitted), and the turns that are owed to it
since. Whoever asks the same again takes the link along (`booking.scheduling.requests.new_rows.asked_again`), so what a
draw does here it does by link, not by request.

Which requests follow from the rows of a draw: those that stood in them, and those that asked the same again since.

No index leads from a row to them: an update of a request that changes no indexed column is written in place. Who asks
the same again does so once the request before is over, with the same people, of whom some may leave since: at least
one stays, and nobody joins.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, text
from sqlalchemy.orm import Session

from booking.platform.base.arrays import AT_ONCE
from booking.platform.base.copied import NULL, copy_lines
from booking.platform.base.db import read_all
from booking.platform.models import Draw, DrawTurn, LogEntry, Request
from booking.platform.models.states import LIVE_REQUEST_STATES, WAITING_FOR_DRAW, RequestState
from booking.scheduling.draws.format2.rows import Link, RowList, Turn, TurnReason
from booking.scheduling.requests.judge_again import waits_for_register

_STOOD: Final = "SELECT part.{row} AS row, part.request_id FROM {table} part WHERE {which}"
_AGAIN: Final = """
    SELECT part.{row} AS row, again.request_id
    FROM {table} part JOIN request former ON former.id = part.request_id
    JOIN request_member who ON who.request_id = former.id
    JOIN request_member again ON again.person_id = who.person_id AND again.request_id <> former.id
    WHERE {which} AND former.state NOT IN ('accepted', 'carried_over', 'under_review')
    """
_FOLLOWERS: Final = f"{_STOOD} UNION ALL {_AGAIN}"
_RUN: Final = "part.draw_id = :draw AND part.{row} BETWEEN :first AND :last"
OF_LINE: Final = _FOLLOWERS.format(table="draw_entry", row="leaf_index", which=_RUN.format(row="leaf_index"))
"""``row`` and ``request_id`` for the leaves ``:first`` to ``:last`` of a draw. A request follows from its row only
where its link names it, which is the caller's to ask; it is named once for each of its people."""
OF_TURNS: Final = _FOLLOWERS.format(table="draw_turn", row="row", which=_RUN.format(row="row"))
"""As `OF_LINE`, for the turns that are kept beside the line."""
ASKED_AGAIN: Final = _AGAIN.format(
    table="drawn",
    row="leaf_index",
    which="part.slots IS NULL AND NOT part.waits",
)
"""As `OF_LINE`, for unserved leaves of `draws.applied_rows` that wait no more, without who stood in them."""


def last_possible() -> Any:
    """Return the last day on which a request can be served; NULL without an end."""
    return func.least(Request.last_day, Request.needed_by)  # ignores NULL: an open end is never the least


def meets_horizon(draw: Draw) -> tuple[Any, ...]:
    """Return the conditions of requests whose days meet those of a draw."""
    return meets_days(draw.horizon_first, draw.horizon_last)


def meets_days(first: date, last: date) -> tuple[Any, ...]:
    """Return the conditions of requests that could be served from one day to another."""
    possible = last_possible()
    return Request.first_day <= last, or_(possible.is_(None), possible >= first)


_TURN: Final = (
    *("draw_id", "row", "request_id", "receipt", "reason", "priority", "gained", "credited", "lasting"),
    *("link_draw", "link_list", "link_row"),
)
_MOST_ROWS: Final = (1 << 31) - 1
_NO_LINK: Final = "\t".join([NULL] * 3)
_OF_TURNS: Final = "SELECT own.request_id FROM draw_turn own WHERE own.draw_id = :draw AND own.row = ANY (:rows)"
_LOCK_TURNS: Final = text(f"SELECT FROM request WHERE id = ANY (ARRAY({_OF_TURNS})) ORDER BY id FOR NO KEY UPDATE")
_TO_TURNS: Final = text(
    f"""
    UPDATE request
    SET lost_draws = lost_draws + turn.gained, lasting_draws = lasting_draws + turn.lasting, resting_draws = 0,
        owed_turns = owed_turns - turn.credited,
        link_draw = :reference, link_list = 'turns', link_row = turn.row
    FROM draw_turn turn
    WHERE turn.draw_id = :draw AND turn.row = ANY (:rows)
      AND request.id = turn.request_id AND request.id = ANY (ARRAY({_OF_TURNS}))
    """  # noqa: S608 - of constants
)
_BACK_FROM_LINE: Final = text(
    f"""
    UPDATE request
    SET draw_id = NULL, link_draw = entry.link_draw, link_list = entry.link_list, link_row = entry.link_row
    FROM ({OF_LINE}) follower JOIN draw_entry entry ON entry.draw_id = :draw AND entry.leaf_index = follower.row
    WHERE request.id = follower.request_id
      AND request.link_draw = :reference AND request.link_list = 'line' AND request.link_row = entry.leaf_index
    """  # noqa: S608 - of constants
)
_BACK_FROM_TURNS: Final = text(
    f"""
    UPDATE request
    SET lost_draws = lost_draws - turn.gained, lasting_draws = lasting_draws - turn.lasting,
        owed_turns = owed_turns + turn.credited,
        link_draw = turn.link_draw, link_list = turn.link_list, link_row = turn.link_row
    FROM ({OF_TURNS}) follower JOIN draw_turn turn ON turn.draw_id = :draw AND turn.row = follower.row
    WHERE request.id = follower.request_id
      AND request.link_draw = :reference AND request.link_list = 'turns' AND request.link_row = turn.row
    """  # noqa: S608 - of constants
)


Fitted: TypeAlias = Callable[[Sequence[UUID]], AbstractSet[UUID]]


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn on record, and whose: by how much the draws lost, the owed turns and the lasting ones change."""

    request: Any
    turn: Turn
    gained: int
    credited: int
    lasting: int


MadeTurns: TypeAlias = Callable[[], Sequence[KeptTurn]]


def link_of(row: Any) -> Link | None:
    """Return the link of a request, an entry or a turn."""
    return None if row.link_draw is None else Link(row.link_draw, RowList(row.link_list), row.link_row)


def link_cells(link: Link | None) -> str:
    """Return a link as COPY reads its three columns."""
    return f"{link.draw}\t{link.list}\t{link.row}" if link else _NO_LINK


def receipt_entry() -> ColumnElement[bool]:
    """Return the condition that an entry of the log is the receipt of a request."""
    return and_(LogEntry.kind == "receipt", LogEntry.key == func.encode(Request.receipt, "hex"))


def is_logged(size: int) -> ColumnElement[bool]:
    """Return the condition that the receipt of a request is among so many first entries of the log."""
    return exists().where(receipt_entry(), LogEntry.index < size)


def find_turns(session: Session, draw: Draw, size: int, fitted: Fitted) -> Sequence[KeptTurn]:
    """Return the turns that a draw which closes puts on record beside its line, by row; nothing is locked or written.

    They are of requests that wait for an officer, for a register, or whose receipt came too late into the log: the draw
    counts as lost for them, and lastingly where some of its places fits their wish. Turns that are owed, since an
    office closed, are put on record too.

    Parameters
    ----------
    size
        How many entries of the log count: receipts after them came too late.
    fitted
        Returns those of some requests whose wish some place of the draw fits.
    """
    first = session.scalar(select(Draw.id).where(Draw.format > 1, Draw.drawn_at.is_not(None)).limit(1)) is None
    candidates = _candidates(session, draw, size)
    fits = fitted([row.id for row in candidates if _is_lost(row)])
    kept = (_kept(draw, row, first=first, fits=row.id in fits) for row in candidates)
    return sorted((one for one in kept if one is not None), key=lambda one: one.turn.receipt)


def add_turns(session: Session, draw: Draw, first: int, kept: Sequence[KeptTurn]) -> None:
    """Write a run of the turns that a draw puts on record, from the row ``first`` on; no request follows from them yet.

    The requests that they name are not locked by that (`bind_to_turns`).
    """
    copy_lines(session, DrawTurn.__tablename__, _TURN, _lines(draw, first, kept))


def bind_to_turns(session: Session, draw: Draw, rows: Sequence[int]) -> None:
    """Let requests outside the line follow from their turns, which are in these rows; each is locked until commit."""
    of = {"draw": draw.id, "reference": draw.reference, "rows": list(rows)}
    session.execute(_LOCK_TURNS, of)
    session.execute(_TO_TURNS, of)


def take_back(session: Session, draw: Draw) -> None:
    """Undo what the closing of a draw that is abandoned did to turns: nobody can check these."""
    take_back_line(session, draw)
    take_back_turns(session, draw)


def take_back_line(session: Session, draw: Draw, first: int = 0, last: int = _MOST_ROWS) -> None:
    """Let the requests of some leaves follow from what they followed from before, which may be a turn of this draw."""
    session.execute(_BACK_FROM_LINE, _of(draw, first, last))


def take_back_turns(session: Session, draw: Draw, first: int = 0, last: int = _MOST_ROWS) -> None:
    """Take back the turns of some rows; nobody in the line follows from them any more (`take_back_line`)."""
    session.execute(_BACK_FROM_TURNS, _of(draw, first, last))


def _candidates(session: Session, draw: Draw, size: int) -> Sequence[Any]:
    in_time = Request.created_at <= draw.closes_at
    register = and_(Request.state.in_(WAITING_FOR_DRAW), waits_for_register())
    waiting = Request.state.in_(WAITING_FOR_DRAW | {RequestState.UNDER_REVIEW})
    meets = and_(waiting, in_time, *meets_horizon(draw))
    review, unread = TurnReason.UNDER_REVIEW.value, TurnReason.REGISTER.value
    why = case((Request.state == RequestState.UNDER_REVIEW, literal(review)), (register, literal(unread)))
    has_end = last_possible().is_not(None)  # who waits past it lapses by this closing
    candidates = (
        select(
            *(Request.id, Request.receipt, Request.nonce, Request.state),
            *(Request.lost_draws, Request.owed_turns, Request.lasting_draws),
            *(Request.link_draw, Request.link_list, Request.link_row),
            meets.label("meets"),
            why.label("why"),
            LogEntry.index.label("logged"),
        )
        .outerjoin(LogEntry, and_(receipt_entry(), LogEntry.index < size))
        .where(
            or_(and_(meets, or_(why.is_not(None), LogEntry.index.is_(None))), Request.owed_turns > 0),
            Request.state.in_(LIVE_REQUEST_STATES),
            or_(Request.state.not_in(WAITING_FOR_DRAW), last_possible() >= draw.horizon_first, ~has_end),
        )
    )
    return read_all(session, candidates, AT_ONCE)


def _is_lost(row: Any) -> bool:
    return bool(row.meets and (row.why is not None or row.logged is None))


def _kept(draw: Draw, row: Any, *, first: bool, fits: bool) -> KeptTurn | None:
    """Return the turn of a candidate; None where the draw puts none on record for it."""
    lost = _is_lost(row)
    if first and row.owed_turns:
        reason = TurnReason.BEFORE_FORMAT_2
        return _made(draw, row, reason, gained=int(lost), credited=row.owed_turns, lasting=int(lost and fits))
    if lost:
        reason = TurnReason(row.why) if row.logged is not None else TurnReason.UNLOGGED
        return _made(draw, row, reason, gained=1, credited=0, lasting=int(fits))
    if row.owed_turns and row.state in WAITING_FOR_DRAW:
        return _made(draw, row, TurnReason.DISPLACED, gained=0, credited=1, lasting=0)
    return None


def _made(draw: Draw, row: Any, reason: TurnReason, *, gained: int, credited: int, lasting: int) -> KeptTurn:
    """Return a turn with the priority that its rule gives: one more than what the row before handed on.

    Draws lost before there were rows have none before: they are the word of the office.
    """
    turn = Turn.of(
        row.receipt,
        row.nonce,
        draw.reference,
        reason=reason,
        priority=row.lost_draws - row.owed_turns + gained + credited,
        logged=row.logged,
        lasting=row.lasting_draws - row.owed_turns + lasting + credited,
        link=link_of(row),
    )
    return KeptTurn(row, turn, gained, credited, lasting)


def _lines(draw: Draw, first: int, kept: Sequence[KeptTurn]) -> Iterator[str]:
    draw_id = draw.id.hex
    for number, one in sorted(enumerate(kept, first), key=lambda row: row[1].request.id.int):
        yield (
            f"{draw_id}\t{number}\t{one.request.id.hex}\t\\\\x{one.turn.receipt.hex()}\t{one.turn.reason.value}\t"
            f"{one.turn.priority}\t{one.gained}\t{one.credited}\t{one.lasting}\t{link_cells(link_of(one.request))}\n"
        )


def _of(draw: Draw, first: int, last: int) -> dict[str, Any]:
    return {"draw": draw.id, "reference": draw.reference, "first": first, "last": last}
