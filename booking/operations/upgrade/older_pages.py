"""A worker that begins after an upgrade waits for pages of the version before, which would misread what it writes."""

from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from booking.country.core import presence
from booking.country.core.core import Core
from booking.country.core.schema import Beside, beside, pending_migrations

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PATIENCE: Final = timedelta(minutes=15)
"""Then it goes on all the same: who keeps a connection open for a day must not keep the draws from everybody."""


def await_older_pages(core: Core, *, patience: timedelta = PATIENCE) -> None:
    """Return once no process lives that is older than the last migration beside which not everybody may go on.

    It says in the log for whom it waits, and where it went on beside them.
    """
    look = partial(_older_than, core, _last_that_matters())
    if older := look():
        log.warning("worker_waits_for_older", older=older)
        if older := presence.wait_for_end(look, patience):
            log.error("worker_goes_on_beside_older", older=older)


def _last_that_matters() -> str:
    return max(str(one.revision)[:4] for one in pending_migrations(None) if beside(one) is not Beside.EVERYBODY)


def _older_than(core: Core, number: str) -> list[str]:
    with core.sessions() as session:
        return presence.older_than(session.connection(), number)
