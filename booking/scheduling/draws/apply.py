"""State a draw's result at one moment, and give it out: appointments, requests, entries, notices.

What was decided about each leaf is copied into a table in the transaction that states it, which takes all the places.
Then some thousand leaves at a time are given out, each run in a transaction of its own that takes their rows out of the
table: whoever goes on after a process that died does what is left. Few statements make all the rest of a run.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Result, String, TextClause, func, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.arrays import any_of
from booking.platform.base.copied import NULL, copy_lines
from booking.platform.base.drawing_agreed import LATEST_CONFIRMATION
from booking.platform.base.errors import CapacityChangedError
from booking.platform.base.references import new_reference
from booking.platform.models import Appointment, Draw, DrawOutcome, DrawProgress
from booking.scheduling.draws import applied_rows as rows
from booking.scheduling.draws.announce import patient
from booking.scheduling.draws.beside import in_slices, tried_again
from booking.scheduling.draws.chances import Explained
from booking.scheduling.draws.decision import Decision
from booking.scheduling.draws.errors import ShortSliceError
from booking.scheduling.draws.formats import DamagedFileError

_AT_ONCE: Final = 5_000
"""Leaves whose requests are locked together, for about a second."""
_MOST_BROKEN: Final = 10
"""So many leaves that the database refuses are looked for one by one; of more, the fault lies elsewhere."""
_LONG_AGO: Final = 1
"""The format of draws without links."""


def keep_outcome(
    session: Session, draw: Draw, decision: Decision, bases: Sequence[bytes], explained: Explained
) -> None:
    """Keep what was decided about each leaf, to be given out.

    Parameters
    ----------
    bases
        The nonce of each leaf as the request has it.

    Raises
    ------
    booking.scheduling.draws.formats.DamagedFileError
        Who takes part is not who did when the files were frozen. The caller's transaction must be rolled back.
    """
    patient(session)
    references = _new_references(session, decision.plan.served_requests)
    lines = _lines(draw, decision, bases, explained, references)
    copy_lines(session, DrawOutcome.__tablename__, rows.COLUMNS, lines)
    session.execute(text("ANALYZE draw_outcome (draw_id, row, leaf_index)"))
    if session.scalar(rows.OTHERS, {"draw": draw.id}):
        raise DamagedFileError(f"requests were put in the place of others in draw {draw.reference}")


def take_places(session: Session, draw: Draw) -> None:
    """Take the places of all whom a draw serves by one conditional statement, slots locked in the order of their keys.

    Raises
    ------
    CapacityChangedError
        Places that the closed draw counted on are gone. The caller's transaction must be rolled back.
    """
    session.execute(rows.WANTED_TABLE)
    wanted = _do(session, rows.COUNT_WANTED, {"draw": draw.id})
    session.execute(rows.LOCK_WANTED)
    taken = _do(session, rows.TAKE_WANTED, {})
    if taken != wanted:
        raise CapacityChangedError(f"{wanted - taken} slots have fewer free places than when the draw closed")


def apply(core: Core, draw: Draw) -> None:
    """Give out what is left of a draw's result, in many transactions; called again it goes on where it was.

    Requests that wait no more get nothing, and their places are free again. A leaf whose rows the database refuses
    keeps nobody else from theirs: all others are given out, and it is tried again by the next call.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        The database refused the rows of a leaf; raised once the others are given out, or sooner where it refuses many.
    sqlalchemy.exc.DataError
        So it did for a value that no column takes.
    ShortSliceError
        A leaf's rows could not all be written; as the first of these.
    """
    row, now, broken = DrawOutcome.row, core.clock.now(), list[IntegrityError | DataError | ShortSliceError]()

    def give_out(first: int, last: int) -> None:
        try:
            tried_again(_give_out, core, draw, now, first, last)
        except (IntegrityError, DataError, ShortSliceError) as error:
            if len(broken) >= _MOST_BROKEN:
                raise
            if first == last:
                broken.append(error)
                return
            middle = (first + last) // 2
            give_out(first, middle)
            give_out(middle + 1, last)

    with core.sessions() as session:
        numbers = select(func.coalesce(func.min(row), 0), func.coalesce(func.max(row), -1))
        first, last = session.execute(numbers.where(DrawOutcome.draw_id == draw.id)).one()
    in_slices(give_out, first, last, _AT_ONCE)  # each says itself how many are done
    if broken:
        raise broken[0]


def _give_out(core: Core, draw: Draw, now: datetime, first: int, last: int) -> None:
    """Give out a run of leaves, unless another process did."""
    values = {"draw": draw.id, "reference": draw.reference, "now": now}
    values |= {"first": first, "last": last}
    values |= {"within": timedelta(seconds=draw.confirm_seconds), "latest": LATEST_CONFIRMATION}
    with core.sessions.begin() as session:
        patient(session)
        session.execute(rows.TABLE)
        taken = _executed(session, rows.TAKE, values).one()
        leaves = int(taken.leaves)
        if leaves == 0:
            return
        _require_all(leaves, taken.put)
        session.execute(rows.READ)
        _renew_references(session)
        waiting, served, moved = session.execute(rows.COUNT_WAITING).one()
        move = rows.MOVE if draw.format > _LONG_AGO else rows.MOVE_FORMAT_1
        _do_all(session, rows.APPOINTMENTS, values, served)
        _do(session, rows.PLACES, values)
        _do_all(session, move, values, moved)
        _do_all(session, rows.TELL_DRAWN, values, served)
        _do_all(session, rows.TELL_CARRIED, values, waiting - served)
        if waiting < leaves:
            for step in (rows.LOSE_AGAIN, rows.LOCK_LEFT, rows.FREE_LEFT):
                _do(session, step, values)
        done = {"done": DrawProgress.done + leaves, "left_meanwhile": DrawProgress.left_meanwhile + leaves - waiting}
        session.execute(update(DrawProgress).where(DrawProgress.draw_id == draw.id).values(done))


def _renew_references(session: Session) -> None:
    """Give others to those whose appointment's reference was given to another one since the result was stated."""
    used = session.scalars(rows.USED_REFERENCES).all()
    for old, new in zip(used, _new_references(session, len(used)), strict=True):
        session.execute(rows.RENEW_REFERENCE, {"old": old, "new": new})


def _do_all(session: Session, statement: TextClause, values: dict[str, Any], expected: int) -> None:
    """Execute a statement; raises ShortSliceError where it did not write as many rows as expected."""
    _require_all(expected, _do(session, statement, values))


def _require_all(expected: int, written: int) -> None:
    """Roll a slice back that wrote other rows than it has."""
    if written != expected:
        raise ShortSliceError(f"{written} rows of {expected} were written")


def _do(session: Session, statement: TextClause, values: dict[str, Any]) -> int:
    """Execute a statement; return how many rows it wrote."""
    return int(_executed(session, statement, values).rowcount)  # type: ignore[attr-defined]


def _executed(session: Session, statement: TextClause, values: dict[str, Any]) -> Result[Any]:
    """Execute a statement with those of the values that it names."""
    return session.execute(statement, {name: values[name] for name in statement._bindparams})  # noqa: SLF001


def _lines(
    draw: Draw, decision: Decision, bases: Sequence[bytes], explained: Explained, references: Sequence[str]
) -> Iterator[str]:
    """Yield what was decided about each leaf, as COPY reads it, leaves with a place numbered first."""
    fresh, draw_id = iter(references), draw.id
    served, unserved = 0, decision.plan.served_requests
    pools = [each.pool.value for each in decision.frozen.bins]
    none = "\t".join([NULL] * 4)
    columns = (
        *(decision.problem.order.tolist(), decision.rank.tolist(), decision.plan.bin_of_request.tolist()),
        *(decision.seats, bases, explained.texts()),
    )
    for leaf, (position, rank, number, seat, base, explanation) in enumerate(zip(*columns, strict=True)):
        if seat:
            slots, units = ("{" + ",".join(map(str, each)) + "}" for each in zip(*seat, strict=True))
            row, place = served, f"{next(fresh)}\t{pools[number]}\t{slots}\t{units}"
            served += 1
        else:
            row, place = unserved, none
            unserved += 1
        shown = rank if rank >= 0 else NULL
        yield f"{draw_id}\t{row}\t{leaf}\t{position}\t{shown}\t\\\\x{base.hex()}\t{place}\t{explanation}\n"


def _new_references(session: Session, count: int) -> list[str]:
    """Make references that no appointment has: among a million of 40 bits, ten thousand new ones do collide."""
    fresh: set[str] = set()
    while len(fresh) < count:
        tried = {new_reference() for _ in range(count - len(fresh))}
        used = select(Appointment.reference).where(Appointment.reference == any_of(tried, String))
        fresh |= tried - set(session.scalars(used))
    return list(fresh)
