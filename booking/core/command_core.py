"""The parts of Mawid for one command: settings, servers, schema."""

from collections.abc import Iterator
from contextlib import contextmanager

from booking.base.clock import Clock
from booking.base.settings import Settings, load_settings
from booking.core.core import Core
from booking.core.schema import migrate, require_schema
from booking.embedded import start_servers
from booking.opening import open_core


@contextmanager
def command_core(
    settings: Settings | None = None, *, clock: Clock | None = None, upgrade: bool = False
) -> Iterator[Core]:
    """Open the core that the environment describes; private servers are started, or joined where they run.

    Parameters
    ----------
    upgrade
        Bring an older schema up to date; else `booking.core.schema.require_schema` refuses it.
    """
    settings = settings or load_settings()
    with start_servers(settings) as servers:
        (migrate if upgrade else require_schema)(servers.database_url)
        with open_core(settings, database_url=servers.database_url, redis_url=servers.redis_url, clock=clock) as core:
            yield core
