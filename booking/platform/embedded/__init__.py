"""PostgreSQL and Valkey for laptops, tests and small sites: started by Mawid, private, and as durable as any."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from pydantic import SecretStr

from booking.platform.base.settings import Settings
from booking.platform.embedded import roles
from booking.platform.embedded.postgres import EmbeddedPostgres
from booking.platform.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "Servers", "start_servers"]


class Servers(NamedTuple):
    """Where the database (SQLAlchemy's form) and Valkey or Redis are.

    The role of ``owner_url`` migrates, backs up and restores, that of ``reader_url`` reads for analysts; both are that
    of ``database_url`` where the settings name no other.
    """

    database_url: str
    redis_url: str
    owner_url: str
    reader_url: str


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
            owner_url = _or(settings.database_owner_url, database_url)
            reader_url = _or(settings.database_reader_url, database_url)
        else:
            postgres = running.enter_context(EmbeddedPostgres(settings.state_dir / "postgresql"))
            database_url, owner_url, reader_url = map(postgres.url_of, (roles.APP, roles.OWNER, roles.READER))
        if settings.redis_url is not None:
            redis_url = settings.redis_url.get_secret_value()
        else:
            redis_url = running.enter_context(EmbeddedValkey(settings.state_dir / "valkey")).url
        yield Servers(database_url, redis_url, owner_url, reader_url)


def _or(named: SecretStr | None, usual: str) -> str:
    return usual if named is None else named.get_secret_value()
