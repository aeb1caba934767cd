"""Close a draw: who takes part, which places there are, and how they are given, all of it fixed and stated.

Nothing is locked while the requests are read: from the end of asking on nobody may change a wish, and a mark tells
those who could change places. Then requests are bound to the draw, a few thousand in each transaction, while a thread
makes the files and reads them back. The last transaction states all of it in the log. A process that ends before that,
or files that would not be read back, leave a draw that is open; what was begun is undone by who closes it next, or
gives it up.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.country.core import messages
from booking.country.core.core import Core
from booking.platform.base.arrays import insert_rows
from booking.platform.base.collecting import uncollected
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import DrawNotReadyError
from booking.platform.computing.spread import Computing
from booking.platform.models import Draw, DrawPhase, Message, counts_on_places
from booking.platform.models.states import DrawState
from booking.scheduling.draws.alone import CLOSES, Holder, alone
from booking.scheduling.draws.announce import (
    add_files,
    enter,
    found,
    in_the_log,
    locked,
    patient,
    record,
    require_format,
    wait_for,
)
from booking.scheduling.draws.begun import Ours, undo
from booking.scheduling.draws.beside import in_slices
from booking.scheduling.draws.compensation import compensation_facts
from booking.scheduling.draws.format2.closing import write_closing
from booking.scheduling.draws.format2.tables import STATEMENT
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.freeze import Participant, lapsed_before, register_unread
from booking.scheduling.draws.papers import ask_before, leave_out
from booking.scheduling.draws.progress import AbandonedMeanwhileError, Progress, end_progress, mark
from booking.scheduling.draws.reading import Content, Read, read_at_once
from booking.scheduling.draws.statement import GRACE, Logged, announced_facts, logged_in_time
from booking.scheduling.draws.turns import KeptTurn, MadeTurns, add_turns, bind_to_turns
from booking.transparency.beacons.terms import earliest
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import append_in, sequence
from booking.transparency.log.views import log_unsaid_in

_BOUND_AT_ONCE: Final = 5_000
"""Requests that are locked together, for less than a second."""


@uncollected()
def close(core: Core, reference: str) -> Draw:
    """Close an open draw: fix who takes part and which places there are, and state all of it in the log.

    Only requests that were asked in time and whose receipts the log held soon after take part. Requests whose last day
    is before the horizon lapse. Those under review keep their turn: the draw counts as lost for them. Those about whom
    no register answered yet take part, and how many is on record. Those who lack what must be there on the day do not,
    and are told. How places are given is what the policy says that is active now. Closing again changes nothing.

    Raises
    ------
    DrawNotReadyError
        The draw is not open, its time has not come, another draw was closed or begun to be, and still has to be drawn
        (both would count on the same free places and turns), or it is too late: the value of its beacon may be known,
        or its announcement was not in the log in time. Such a draw has to be abandoned.
    sqlalchemy.exc.OperationalError
        The connection by which no other process closes was lost: another one may have begun.
    booking.scheduling.draws.formats.DamagedFileError
        What was announced, by the log, is not what the database holds, or the draw passes the log by.
    NotFoundError
        There is no such draw.
    """
    sequence(core)  # the receipts of whoever asked in the last minute
    with alone(core, CLOSES, wait=True) as holder:
        draw, logged = _begin(core, reference)
        if logged is None:
            return draw
        try:
            progress, ours = Progress(core, draw.id), Ours(core, draw.id, holder)
            undo(ours)
            with ThreadPoolExecutor(1) as beside:
                read, content = _read(ours, draw, logged, progress, beside)
                made = beside.submit(_files, content, core.computing)
                del content  # it is forgotten with the line, bit by bit
                _keep(ours, draw, read, progress)
                progress.begin(DrawPhase.CHECKING)
                draw = _state(core, reference, read, made.result(), holder)
        except AbandonedMeanwhileError:
            with core.sessions() as session:
                return found(session, reference)
    sequence(core)
    return draw


def is_too_late(session: Session, core: Core, draw: Draw) -> bool:
    """Return whether an open draw must not close any more.

    Somebody may know the value that decides it, or what was promised was not in the log when asking ended.
    """
    comes = earliest(draw.beacon) if draw.beacon else None
    if comes is not None and core.clock.now() >= comes:
        return True
    return core.clock.now() > draw.closes_at + GRACE and logged_in_time(session, draw) is None


def _begin(core: Core, reference: str) -> tuple[Draw, Logged | None]:
    """Mark a draw as being closed, and return the log as it counts for it; None where it is closed already.

    Whoever changes a wish or places holds the lock, shared or alone, until they have committed; whoever comes after
    sees the mark.
    """
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
        draw = locked(session, reference)
        if draw.state in {DrawState.CLOSED, DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw, None
        logged = _require_due(session, core, draw)
        mark(session, draw, core.clock.now())
        log_unsaid_in(session, core)
        record(session, core, draw, "closing")  # who stops it and begins again, over other requests, is seen to
        return draw, logged


def _require_due(session: Session, core: Core, draw: Draw) -> Logged:
    """Return the log as it counts for a draw that may close now; raises DrawNotReadyError."""
    if draw.state is not DrawState.OPEN:
        raise DrawNotReadyError(f"draw {draw.reference} is {draw.state}, not open")
    wait_for(core, draw.closes_at, f"draw {draw.reference} closes at {draw.closes_at.isoformat()}")
    other = session.scalar(select(Draw.reference).where(counts_on_places(), Draw.id != draw.id))
    if other is not None:
        raise DrawNotReadyError(f"draw {other} is closed or being closed, and must be drawn or given up first")
    logged = _require_in_time(session, core, draw)
    require_format(session, draw)
    if not announced_facts(draw).items() <= read_entry(logged.announced).items():
        raise DamagedFileError(f"draw {draw.reference} is not as it was announced")
    return logged


def _require_in_time(session: Session, core: Core, draw: Draw) -> Logged:
    logged = logged_in_time(session, draw)
    if logged is None or is_too_late(session, core, draw):
        raise DrawNotReadyError(f"draw {draw.reference} can only be abandoned: its closing comes too late")
    return logged


def _read(ours: Ours, draw: Draw, logged: Logged, progress: Progress, beside: Executor) -> tuple[Read, Content]:
    """Read what a closing fixes; its turns are written ``beside``, and no request is locked."""
    progress.begin(DrawPhase.READING)
    core, keep, read = ours.core, partial(_keep_turns, ours, draw), None
    while read is None:  # once more only where an officer lets somebody in between asking and reading
        read = read_at_once(core, draw, logged, ask_before(core, draw), progress, beside, keep)
    return read


def _keep_turns(ours: Ours, draw: Draw, kept: MadeTurns) -> None:
    """Write the turns, some thousand of them in a transaction; no request follows from them yet."""
    in_slices(partial(_add, ours, draw, kept()), 0, len(kept()) - 1, _BOUND_AT_ONCE)


def _files(content: Content, computing: Computing) -> dict[str, bytes]:
    """Make the files and read them back; the database is not asked."""
    with computing.opened() as spread:
        return write_closing(
            content.facts,
            content.line,
            [one.turn for one in content.kept],
            content.bins,
            of_wishes=lambda asked: compensation_facts(content.limits, asked, content.bins, spread=spread),
        )


def _keep(ours: Ours, draw: Draw, read: Read, progress: Progress) -> None:
    """Write the line behind the turns, with the requests bound to it, some thousand of them in a transaction."""
    progress.begin(DrawPhase.KEEPING)
    read.turns_written.result()
    progress.begin(DrawPhase.BINDING, read.requests)
    runs = {first: read.line[first : first + _BOUND_AT_ONCE] for first in range(0, read.requests, _BOUND_AT_ONCE)}
    read.line.clear()
    in_slices(partial(_enter, ours, draw, runs), 0, read.requests - 1, _BOUND_AT_ONCE, tell=progress.tell)
    with ours.core.sessions.begin() as session:
        session.execute(text("ANALYZE draw_entry, draw_turn"))
    in_slices(partial(_bind, ours, draw, read.outside), 0, len(read.outside) - 1, _BOUND_AT_ONCE)


def _add(ours: Ours, draw: Draw, kept: Sequence[KeptTurn], first: int, last: int) -> None:
    ours.do(add_turns, draw, first, kept[first : last + 1])


def _enter(ours: Ours, draw: Draw, runs: dict[int, list[Participant]], first: int, _: int) -> None:
    ours.do(enter, draw, first, runs[first])
    del runs[first]  # to forget a million of them takes a second, for which nobody waits now


def _bind(ours: Ours, draw: Draw, outside: Sequence[int], first: int, last: int) -> None:
    ours.do(bind_to_turns, draw, outside[first : last + 1])


def _state(core: Core, reference: str, read: Read, files: dict[str, bytes], holder: Holder) -> Draw:
    """State what was fixed in the log, where it is not too late by now: the draw is closed."""
    with core.sessions.begin() as session:
        patient(session)
        draw = locked(session, reference)
        if draw.state is DrawState.ABANDONED:
            raise AbandonedMeanwhileError
        holder.require()
        _require_due(session, core, draw)
        ended = lapsed_before(session, draw, read.closed_at)
        leave_out(session, core, draw, read.papers)
        statement = in_the_log(files[STATEMENT])
        draw.closed_at, draw.policy_version = read.closed_at, read.policy_version
        draw.root = bytes.fromhex(statement["requests"]["root"])
        draw.move_to(DrawState.CLOSED)
        add_files(session, draw, files)
        append_in(session, "statement", statement, draw.reference)
        _tell(session, core, ended)
        end_progress(session, draw)
        record(
            session,
            core,
            draw,
            "closed",
            root=draw.root.hex(),
            requests=read.requests,
            lapsed=len(ended),
            kept_turns=read.turns,
            left_out=len(read.papers.left_out),
            register_unread=register_unread(session, draw),
        )
        _require_in_time(session, core, draw)  # of a nation, all of that takes a while
        return draw


def _tell(session: Session, core: Core, ended: Sequence[tuple[UUID, UUID, str]]) -> None:
    notices = [
        messages.row(core, account_id, "request_lapsed", {"reference": request}) for _, account_id, request in ended
    ]
    insert_rows(session, Message, notices)
