"""``mawid worker``: a process that runs jobs."""

from typing import Annotated

import typer

from booking.country.core.jobqueue import Queue
from booking.jobs import make_app
from booking.opening import command_core, require_own_country
from booking.operations.upgrade.older_pages import await_older_pages
from booking.operations.worker.life import work


def worker(
    queue: Annotated[
        list[Queue] | None,
        typer.Option(help="Take jobs of this queue alone; may be repeated. Some worker has to take each of them."),
    ] = None,
) -> None:
    """Run jobs: draws on schedule, expiry, notices, slots."""
    with command_core(upgrade=True) as core:
        require_own_country(core)
        await_older_pages(core)
        work(core, make_app, queues=queue or ())
