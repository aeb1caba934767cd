"""Statements are compiled, and the server is met, once a process, though most tests have an engine of their own."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.util import LRUCache

from booking.base import db

STATEMENTS = 5_000
_engines: list[Engine] = []
"""The engine whose dialect all share; SQLAlchemy finds a compiled statement by the dialect that compiled it."""


def share_compiled_statements() -> None:
    """Let every engine that `booking.base.db` makes find what others compiled."""
    db.create_engine = _sharing


def _sharing(*args: Any, **options: Any) -> Engine:
    engine = create_engine(*args, **options)
    if _engines and _engines[0].dialect.server_version_info:  # it has met the server
        engine.dialect.initialize = _know_already
        engine.dialect = _engines[0].dialect
        engine._compiled_cache = _engines[0]._compiled_cache
    else:
        engine._compiled_cache = LRUCache(STATEMENTS)
        _engines[:] = [engine]
    return engine


def _know_already(_: Connection) -> None:
    """Ask the server nothing at an engine's first connection: the dialect that all share has asked."""
