"""Write a draw's result: places, appointments, requests, entries, notices. All in the caller's transaction.

What was decided about each leaf is copied into a table of the transaction, and few statements over runs of leaves make
all the rest of it: a million requests cost what their rows cost.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import String, select, text
from sqlalchemy.orm import Session

from booking.base.arrays import any_of
from booking.base.copied import NULL, copy_lines
from booking.base.drawing_agreed import LATEST_CONFIRMATION
from booking.base.errors import CapacityChangedError
from booking.base.references import new_reference
from booking.core.core import Core
from booking.draws import applied_rows as rows
from booking.draws.decision import Decision
from booking.draws.explanations import Explained
from booking.draws.formats import DamagedFileError
from booking.draws.progress import Progress
from booking.draws.rows import patient
from booking.models import Appointment, Draw

_AT_ONCE: Final = 50_000
_LONG_AGO: Final = 1
"""The format of draws without links."""


def apply(
    session: Session,
    core: Core,
    draw: Draw,
    decision: Decision,
    bases: Sequence[bytes],
    explained: Explained,
    progress: Progress,
) -> int:
    """Write the whole result; return how many requests had left meanwhile (their places stay free).

    Parameters
    ----------
    bases
        The nonce of each leaf as the request has it.

    Raises
    ------
    CapacityChangedError
        Places that the closed draw counted on are gone. The caller's transaction must be rolled back.
    booking.draws.formats.DamagedFileError
        Who takes part is not who did when the files were frozen; the same.
    """
    patient(session)
    leaves = len(decision.seats)
    session.execute(rows.OUTCOME)
    references = _new_references(session, decision.plan.served_requests)
    copy_lines(session, "drawn_outcome", rows.COLUMNS, _lines(decision, bases, explained, references))
    waiting: int = session.execute(rows.LOCK_WAITING, {"draw": draw.id}).rowcount  # type: ignore[attr-defined]
    session.execute(text("ANALYZE drawn_outcome; ANALYZE drawn_waiting"))
    if session.scalar(rows.OTHERS):
        raise DamagedFileError(f"requests were put in the place of others in draw {draw.reference}")
    _take_places(session)
    of_draw = {"draw": draw.id, "reference": draw.reference, "now": core.clock.now()}
    of_draw |= {"within": timedelta(seconds=draw.confirm_seconds), "latest": LATEST_CONFIRMATION}
    move = rows.MOVE if draw.format > _LONG_AGO else rows.MOVE_FORMAT_1
    steps = (rows.APPOINTMENTS, rows.PLACES, rows.ENTRIES, move, rows.TELL_DRAWN, rows.TELL_CARRIED)
    for first, last in progress.slices(leaves, _AT_ONCE):
        for statement in steps:
            values = of_draw | {"first": first, "last": last}
            session.execute(statement, {name: values[name] for name in statement._bindparams})  # noqa: SLF001
    return leaves - waiting


def _take_places(session: Session) -> None:
    """Take all places by one conditional statement, slots locked in the order of their keys."""
    session.execute(rows.WANTED)
    session.execute(rows.LOCK_SLOTS)
    wanted = session.scalars(text("SELECT count(*) FROM drawn_wanted")).one()
    taken = session.execute(rows.TAKE_PLACES).rowcount  # type: ignore[attr-defined]
    if taken != wanted:
        raise CapacityChangedError(f"{wanted - taken} slots have fewer free places than when the draw closed")


def _lines(
    decision: Decision, bases: Sequence[bytes], explained: Explained, references: Sequence[str]
) -> Iterator[str]:
    """Yield what was decided about each leaf, as COPY reads it."""
    fresh = iter(references)
    pools = [each.pool.value for each in decision.frozen.bins]
    columns = (
        *(decision.problem.order.tolist(), decision.rank.tolist(), decision.plan.bin_of_request.tolist()),
        *(decision.seats, bases, explained.texts()),
    )
    for leaf, (position, rank, number, seat, base, explanation) in enumerate(zip(*columns, strict=True)):
        place: tuple[Any, ...] = (NULL,) * 4
        if seat:
            slots, units = ("{" + ",".join(map(str, each)) + "}" for each in zip(*seat, strict=True))
            place = next(fresh), pools[number], slots, units
        shown = rank if rank >= 0 else NULL
        cells = (leaf, position, shown, rf"\\x{base.hex()}", *place, explanation)
        yield "\t".join(map(str, cells)) + "\n"


def _new_references(session: Session, count: int) -> list[str]:
    """Make references that no appointment has: among a million of 40 bits, ten thousand new ones do collide."""
    fresh: set[str] = set()
    while len(fresh) < count:
        tried = {new_reference() for _ in range(count - len(fresh))}
        used = select(Appointment.reference).where(Appointment.reference == any_of(tried, String))
        fresh |= tried - set(session.scalars(used))
    return list(fresh)
