"""What a closing fixes, read at one moment by two connections: one joins the line while the other finds the turns."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.platform.base.db import at_a_moment, moment_of
from booking.platform.models import Draw
from booking.scheduling.draws.announce import patient
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.format2.line import Written
from booking.scheduling.draws.freeze import Participant, free_bins, participants
from booking.scheduling.draws.papers import AskedAbout, Papers, papers_before
from booking.scheduling.draws.problem import fitted
from booking.scheduling.draws.progress import Progress
from booking.scheduling.draws.statement import Logged, statement_facts
from booking.scheduling.draws.turns import KeptTurn, MadeTurns, find_turns

_PSEUDONYM: Final = "draw pseudonym"
_TOLD_AT_ONCE: Final = 1_000
_WAITS_FOR_TURNS: Final = text("SET LOCAL idle_in_transaction_session_timeout = '20min'")
"""The line's connection has nothing to do until the turns are found."""


@dataclass(frozen=True, eq=False)
class Read:
    """All that a closing binds and states: how much there is of each, and what is not in the files.

    ``line`` is emptied when it is bound. ``outside``: the rows of the turns whose requests are not in it.
    ``turns_written`` is done once the turns are in the database.
    """

    closed_at: datetime
    policy_version: int | None
    requests: int
    line: list[Participant]
    turns: int
    outside: Sequence[int]
    turns_written: Future[None]
    papers: Papers


@dataclass(frozen=True, eq=False)
class Content:
    """What the files of a closing are written from."""

    facts: dict[str, Any]
    line: Sequence[Written]
    kept: Sequence[KeptTurn]
    bins: Sequence[Bin]
    limits: DrawLimits


def read_at_once(
    core: Core,
    draw: Draw,
    logged: Logged,
    asked: AskedAbout,
    progress: Progress,
    beside: Executor,
    keep_turns: Callable[[MadeTurns], None],
) -> tuple[Read, Content] | None:
    """Read what a closing fixes at one moment; None where registers have to be asked about somebody more.

    Nothing is locked here. ``keep_turns`` writes the turns, ``beside``, while the line is read.
    """
    with at_a_moment(core.sessions) as session:
        patient(session)
        session.execute(_WAITS_FOR_TURNS)
        now = core.clock.now()
        papers = papers_before(session, draw, asked)
        if papers is None:
            return None
        bins = free_bins(session, draw, now)
        policy = policy_limits.find_active_policy(session)
        limits = policy_limits.pick(DrawLimits, policy.limits if policy else None)
        facts = statement_facts(session, draw, now, logged, limits, policy)
        kept = beside.submit(_find_turns, core, moment_of(session), draw, logged.size, bins)
        written = beside.submit(keep_turns, kept.result)
        line = _line(session, core, draw, papers, kept.result, logged.size, progress)
    line.sort(key=lambda each: each.written.receipt)
    turns, version = kept.result(), policy.version if policy else None
    read = Read(now, version, len(line), line, len(turns), _outside(turns, line), written, papers)
    return read, Content(facts, [each.written for each in line], turns, bins, limits)


def _outside(turns: Sequence[KeptTurn], line: Sequence[Participant]) -> Sequence[int]:
    inside = {each.turn.request.id.int for each in line if each.turn}
    return [row for row, one in enumerate(turns) if one.request.id.int not in inside]


def _line(
    session: Session, core: Core, draw: Draw, papers: Papers, kept: MadeTurns, size: int, progress: Progress
) -> list[Participant]:
    line = []
    entering = participants(session, draw, core.vault.key(_PSEUDONYM), papers, kept, size)
    with closing(entering):  # whatever happens, nobody reads on once the connection is handed back
        for each in entering:
            line.append(each)
            if len(line) % _TOLD_AT_ONCE == 0:
                progress.tell(len(line))
    return line


def _find_turns(core: Core, moment: str, draw: Draw, size: int, bins: Sequence[Bin]) -> Sequence[KeptTurn]:
    with at_a_moment(core.sessions, moment) as session:
        patient(session)
        return find_turns(session, draw, size, lambda requests: fitted(session, requests, bins))
