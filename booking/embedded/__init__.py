"""PostgreSQL and Valkey for laptops, tests and small sites: started by Mawid, private, and as durable as any."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from booking.base.settings import Settings
from booking.embedded.postgres import EmbeddedPostgres
from booking.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "Servers", "start_servers"]


class Servers(NamedTuple):
    """Where the database (SQLAlchemy's form) and Valkey or Redis are."""

    database_url: str
    redis_url: str


@contextmanager
def start_servers(settings: Settings) -> Iterator[Servers]:
    """Yield the servers that the settings name, and start private ones in the state folder for those they don't.

    Raises
    ------
    ServerError
        A private server cannot be started.
    """
    with ExitStack() as running:
        if settings.database_url is not None:
            database_url = settings.database_url.get_secret_value()
        else:
            database_url = running.enter_context(EmbeddedPostgres(settings.state_dir / "postgresql")).url
        if settings.redis_url is not None:
            redis_url = settings.redis_url.get_secret_value()
        else:
            redis_url = running.enter_context(EmbeddedValkey(settings.state_dir / "valkey")).url
        yield Servers(database_url, redis_url)
