"""How far a machine's clock is from another one's; what acts by time does not act by a clock that is wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from booking.country.core.core import Core
from booking.platform.base.clock import Clock, SystemClock

FARTHEST: Final = timedelta(minutes=2)
"""From the database's clock: draws close on the minute, and what lapses cannot be taken back."""


class WrongClockError(Exception):
    """The machine's clock is not that of the database: nothing was done that time decides."""


def ahead_of(clock: Clock, read: Callable[[], datetime]) -> timedelta:
    """Return how far a clock is ahead of the one that is read, behind it below zero; what the question took is free."""
    before = clock.now()
    theirs = read()
    after = clock.now()
    return before - theirs if before > theirs else min(after - theirs, timedelta(0))


def require_right_clock(core: Core) -> None:
    """Refuse to go on where the machine's clock is far from the database's; a clock that was set on purpose is right.

    Raises
    ------
    WrongClockError
        It is more than two minutes ahead or behind.
    """
    if not isinstance(core.clock, SystemClock):
        return
    with core.sessions() as session:
        off = ahead_of(core.clock, lambda: session.execute(text("SELECT clock_timestamp()")).scalar_one())
    if abs(off) > FARTHEST:
        way = "ahead of" if off > timedelta(0) else "behind"
        raise WrongClockError(
            f"this machine's clock is {abs(off).total_seconds():.0f} seconds {way} that of the database:"
            " keep both by NTP (`mawid doctor` compares them)"
        )
