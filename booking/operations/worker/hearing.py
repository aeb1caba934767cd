"""How workers hear of new jobs behind a pooler, which passes no notice on: past it, or by looking each second."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import psycopg
import structlog
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from psycopg import sql
from typing_extensions import override

from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LOOKS_AGAIN: Final = 5.0
"""Seconds between two looks for jobs, beside the notices."""
LOOKS_OFTEN: Final = 1.0
"""The same where there are no notices."""
TRIES_AGAIN: Final = 5.0
"""Seconds after which the address past the pooler is tried again; till then jobs are found by looking."""


def looks_after(settings: Settings) -> float:
    """Return the seconds after which a worker looks for jobs of which it was not told."""
    return LOOKS_OFTEN if settings.database_pooled and settings.database_listen_url is None else LOOKS_AGAIN


def make_connector(settings: Settings, address: dict[str, Any], *, timeout: float) -> PsycopgConnector:
    """Make the queue's way to the database.

    Parameters
    ----------
    address
        What libpq and psycopg take.
    timeout
        Seconds in which it must have a connection.
    """
    if not settings.database_pooled:
        return PsycopgConnector(kwargs=address, timeout=timeout)
    past = settings.database_listen_url
    return PooledConnector(
        None if past is None else libpq_parameters(past.get_secret_value()), kwargs=address, timeout=timeout
    )


class PooledConnector(PsycopgConnector):
    """Works through a pooler and listens past it, on one connection; without its address it never hears of anything."""

    def __init__(self, past_it: dict[str, Any] | None, **options: Any) -> None:
        super().__init__(**options)
        self._past_it = past_it

    @override
    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Pass notices on until cancelled; where the address does not answer, say so once and try again."""
        if self._past_it is None:
            await asyncio.Event().wait()
            return
        named, silent = list(channels), False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self._past_it, autocommit=True) as connection:
                    for channel in named:
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    if silent:
                        log.warning("worker_hears_again")
                    silent = False
                    await self._loop_notify(on_notification=on_notification, connection=connection)
            except psycopg.OperationalError as error:
                if not silent:
                    log.warning("worker_hears_nothing", error=type(error).__name__)
                silent = True
            await asyncio.sleep(TRIES_AGAIN)
