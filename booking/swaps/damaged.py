"""A decided night that stands on what was changed since: it is said, may be mended for some hours, and ends.

What was decided, and is in the log, stays as it is. Nobody is worse off than with what they hold.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import func, select, update

from booking.core.core import Core
from booking.models import AuditEntry, SwapEntry, SwapNight, SwapOutcome, SwapState
from booking.swaps.give_out import keep_those_who_wait_in
from booking.swaps.moves import Move
from booking.swaps.nights import abandon_in, locked, record

MENDED_WITHIN: Final = timedelta(hours=12)
"""After it was first seen: whoever is woken in the night has the morning, and the next night is announced in time."""


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

    How long is read in the audit log, which nobody changes unseen.
    """
    with core.sessions.begin() as session:
        night = locked(session, reference)
        said = AuditEntry.subject == reference, AuditEntry.action == f"exchange.{STEP}"
        since = session.scalar(select(func.min(AuditEntry.at)).where(*said))
        if night.state is SwapState.CLOSED:
            night.waits_for = damage
        if since is None:
            record(session, core, night, STEP, what=damage)
            log.error("exchange_damaged", reference=reference, what=damage)
            return False
        return core.clock.now() - since >= MENDED_WITHIN


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
