"""A decided night that stands on what was changed since: it is said, may be mended for some hours, and ends.

What was decided, and is in the log, stays as it is. Nobody is worse off than with what they hold.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import AuditEntry, LogEntry, LogPending, SwapEntry, SwapNight, SwapOutcome, SwapState
from booking.scheduling.swaps.give_out import keep_those_who_wait_in
from booking.scheduling.swaps.moves import Move
from booking.scheduling.swaps.nights import abandon_in, locked, record
from booking.transparency.log.audit_heads import HEAD, append_head_in, head_key
from booking.transparency.log.entries import read_entry
from booking.transparency.log.log import sequence

MENDED_WITHIN: Final = timedelta(hours=12)
"""After it was first seen: whoever is woken in the night has the morning, and the next night is announced in time."""
LOOKED_AT_AGAIN: Final = timedelta(minutes=10)
"""After it was found damaged."""


class Damage(StrEnum):
    """What of a decided night was changed: what `SwapNight.waits_for` says of it."""

    DECISION = "damaged_decision"
    """Its file, seed or value is not the one of the log: who gets what cannot be worked out again."""
    ROWS = "damaged_rows"
    """Behind numbers of its file other places or appointments stand than it was closed with."""


IS_DAMAGED: Final = SwapNight.waits_for.in_([*Damage])
"""The condition that a night is."""
STEP: Final = "damaged"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def is_over(core: Core, reference: str, damage: Damage) -> bool:
    """Say that a decided night is damaged; return whether it was for so long that it ends without the rest.

    How long is counted from when the public log had the audit log's entry, which that says at once: whoever writes an
    earlier entry into the database cannot make witnesses have seen it then.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        night = locked(session, reference)
        if night.state is SwapState.CLOSED:
            night.waits_for, night.looked_at = damage, now
        since = _said(session, reference)
        if not since:
            entry = record(session, core, night, STEP, what=damage)
            append_head_in(session, core, entry.sequence, entry.hash)
            log.error("exchange_damaged", reference=reference, what=damage)
    if since:
        return now - min(one or now for one in since) >= MENDED_WITHIN
    sequence(core)
    return False


def rests(core: Core, night: SwapNight) -> bool:
    """Return whether a night was found damaged a moment ago: working it out again takes long, and mending it too."""
    if night.looked_at is None or night.waits_for not in [*Damage]:
        return False
    return timedelta(0) <= core.clock.now() - night.looked_at < LOOKED_AT_AGAIN  # none that somebody wrote ahead


def _said(session: Session, reference: str) -> list[datetime | None]:
    """Return when the public log had each word that a decided night is damaged, None where it waits to be put there."""
    about = AuditEntry.subject == reference
    decided = select(func.max(AuditEntry.sequence)).where(about, AuditEntry.action == "exchange.decided")
    said = {
        head_key(number, digest): at
        for number, digest, at in session.execute(
            select(AuditEntry.sequence, AuditEntry.hash, AuditEntry.at).where(
                about,
                AuditEntry.action == f"exchange.{STEP}",
                AuditEntry.sequence > func.coalesce(decided.scalar_subquery(), 0),
                func.isfinite(AuditEntry.at),  # of another time nobody can read anything
            )
        )
    }
    waits = select(LogPending.key).where(LogPending.kind == HEAD, LogPending.key.in_(said))
    found: list[datetime | None] = [None for _ in session.scalars(waits)]
    for entry in session.scalars(select(LogEntry).where(LogEntry.kind == HEAD, LogEntry.key.in_(said))):
        stated = datetime.fromisoformat(read_entry(entry.body)["at"])
        found.append(max(entry.at, stated, said[entry.key]))
    return found


def withhold(core: Core, night: SwapNight, moves: Sequence[Move]) -> None:
    """Let those stay of whom it is not known where they are or go; who counted on their place is looked at again."""
    with core.sessions.begin() as session:
        if stay := keep_those_who_wait_in(session, locked(session, night.reference), moves):
            record(session, core, night, "withheld", stay=stay)


def end_undecidable(core: Core, reference: str) -> SwapNight:
    """Say that nobody can work out again who gets what; after some hours give up what was not given out.

    Who moved by then stays where they are, and so does everybody else. The log says that it was given up.
    """
    over = is_over(core, reference, Damage.DECISION)
    with core.sessions.begin() as session:
        night = locked(session, reference)
        if over and night.state is SwapState.CLOSED:
            now, moved = core.clock.now(), (SwapEntry.night_id == night.id, SwapEntry.outcome == SwapOutcome.MOVED)
            count = session.scalars(select(func.count()).where(*moved)).one()
            session.execute(update(SwapEntry).where(*moved, SwapEntry.moved_at.is_(None)).values(moved_at=now))
            night.figures = {"moved": count}
            abandon_in(session, core, night, moved=count)
        return night
