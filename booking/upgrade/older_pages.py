"""A worker that begins after an upgrade waits for pages of the version before, which would misread what it writes."""

from datetime import timedelta
from time import monotonic, sleep
from typing import Final

import structlog

from booking.core import presence
from booking.core.core import Core
from booking.core.schema import Beside, beside, pending_migrations

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PATIENCE: Final = timedelta(minutes=15)
"""Then it goes on all the same: who keeps a connection open for a day must not keep the draws from everybody."""
LOOKS_EVERY: Final = 2.0
"""Seconds between two looks."""


def await_older_pages(core: Core, *, patience: timedelta = PATIENCE) -> None:
    """Return once no process lives that is older than the last migration beside which not everybody may go on.

    It says in the log for whom it waits, and where it went on beside them.
    """
    number = _last_that_matters()
    give_up_at, said = monotonic() + patience.total_seconds(), False
    while older := _older_than(core, number):
        if monotonic() >= give_up_at:
            log.error("worker_goes_on_beside_older", older=older)
            return
        if not said:
            log.warning("worker_waits_for_older", older=older)
            said = True
        sleep(LOOKS_EVERY)


def _last_that_matters() -> str:
    return max(str(one.revision)[:4] for one in pending_migrations(None) if beside(one) is not Beside.EVERYBODY)


def _older_than(core: Core, number: str) -> list[str]:
    with core.sessions() as session:
        return presence.older_than(session.connection(), number)
