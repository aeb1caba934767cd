"""Close a draw: who takes part, which places there are, and how they are given, all fixed in one transaction."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.base.arrays import insert_rows
from booking.base.drawing_agreed import CLOSING
from booking.base.errors import DrawNotReadyError
from booking.beacons.terms import earliest
from booking.core import messages
from booking.core.core import Core
from booking.draws.compensation import compensation_facts
from booking.draws.fitted import fitted
from booking.draws.format2.closing import write_closing
from booking.draws.format2.names import STATEMENT
from booking.draws.formats import DamagedFileError
from booking.draws.freeze import free_bins, lapsed_before, participants, register_unread
from booking.draws.papers import papers_before
from booking.draws.rows import add_entries, add_files, in_the_log, locked, record, wait_for
from booking.draws.statement import GRACE, Logged, announced_facts, logged_in_time, statement_facts
from booking.draws.turns import bind_to_line, keep_turns
from booking.models import Draw, Message
from booking.models.states import DrawState
from booking.policy import limits as policy_limits
from booking.policy.draw_limits import DrawLimits
from booking.transparency.active_versions import log_unsaid_in
from booking.transparency.entries import read_entry
from booking.transparency.log import append_in, sequence

PSEUDONYM: Final = "draw pseudonym"


def close(core: Core, reference: str) -> Draw:
    """Close an open draw: fix who takes part and which places there are, and state all of it in the log.

    Only requests that were asked in time and whose receipts the log held soon after take part. Requests whose last day
    is before the horizon lapse. Those under review keep their turn: the draw counts as lost for them. Those about whom
    no register answered yet take part, and how many is on record. Those who lack what must be there on the day do not,
    and are told. How places are given is what the policy says that is active now. Closing again changes nothing.

    Raises
    ------
    DrawNotReadyError
        The draw is not open, its time has not come, another closed draw still has to be drawn (both would count on the
        same free places), or it is too late: the value of its beacon may be known, or its announcement was not in the
        log in time. Such a draw has to be abandoned.
    booking.draws.formats.DamagedFileError
        What was announced, by the log, is not what the database holds.
    NotFoundError
        There is no such draw.
    """
    sequence(core)  # the receipts of whoever asked in the last minute
    with core.sessions.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLOSING})
        draw = locked(session, reference)
        if draw.state in {DrawState.CLOSED, DrawState.DRAWN, DrawState.PUBLISHED}:
            return draw
        _close(session, core, draw, _require_due(session, core, draw))
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


def _require_due(session: Session, core: Core, draw: Draw) -> Logged:
    """Return the log as it counts for a draw that may close now; raises DrawNotReadyError."""
    if draw.state is not DrawState.OPEN:
        raise DrawNotReadyError(f"draw {draw.reference} is {draw.state}, not open")
    wait_for(core, draw.closes_at, f"draw {draw.reference} closes at {draw.closes_at.isoformat()}")
    other = session.scalar(select(Draw.reference).where(Draw.state == DrawState.CLOSED))
    if other is not None:
        raise DrawNotReadyError(f"draw {other} is closed and must be drawn first")
    logged = logged_in_time(session, draw)
    if logged is None or is_too_late(session, core, draw):
        raise DrawNotReadyError(f"draw {draw.reference} can only be abandoned: its closing comes too late")
    if not announced_facts(draw).items() <= read_entry(logged.announced).items():
        raise DamagedFileError(f"draw {draw.reference} is not as it was announced")
    return logged


def _close(session: Session, core: Core, draw: Draw, logged: Logged) -> None:
    now = core.clock.now()
    ended = lapsed_before(session, draw, now)
    bins = free_bins(session, draw, now)
    kept = keep_turns(session, draw, logged.size, lambda requests: fitted(session, requests, bins))
    papers = papers_before(session, core, draw)
    entrants = participants(session, draw, core.vault.key(PSEUDONYM), papers, logged.size)
    draw.closed_at = now
    policy = policy_limits.find_active_policy(session)
    draw.policy_version = policy.version if policy else None
    limits = policy_limits.pick(DrawLimits, policy.limits if policy else None)
    rows = [each.entrant for each in entrants]
    facts = statement_facts(session, draw, now, logged, limits, policy)
    facts |= compensation_facts(limits, [row.leaf for row in rows], bins)
    files = write_closing(facts, rows, kept, bins)
    statement = in_the_log(files[STATEMENT])
    draw.root = bytes.fromhex(statement["requests"]["root"])
    draw.move_to(DrawState.CLOSED)
    add_entries(session, draw, entrants)
    bind_to_line(session, draw)
    add_files(session, draw, files)
    log_unsaid_in(session, core)
    append_in(session, "statement", statement, draw.reference)
    _tell(session, core, ended)
    record(
        session,
        core,
        draw,
        "closed",
        root=draw.root.hex(),
        requests=len(entrants),
        lapsed=len(ended),
        kept_turns=len(kept),
        left_out=len(papers.left_out),
        register_unread=register_unread(session, draw),
    )


def _tell(session: Session, core: Core, ended: Sequence[tuple[UUID, UUID, str]]) -> None:
    notices = [
        messages.row(core, account_id, "request_lapsed", {"reference": request}) for _, account_id, request in ended
    ]
    insert_rows(session, Message, notices)
