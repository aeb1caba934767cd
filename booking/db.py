"""The database: one engine, one session factory, and the migrations that alone make the schema."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_TIMEOUTS: Final = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=300s"


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Make an engine whose statements and locks time out instead of queueing for ever."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": _TIMEOUTS, "application_name": "mawid"},
    )


def make_sessions(engine: Engine) -> Sessions:
    """Make the factory; ``sessions.begin()`` is one transaction, committed when its block ends."""
    return sessionmaker(engine, expire_on_commit=False)


def migrate(url: str) -> None:
    """Bring the schema at ``url`` up to date; safe to call again, and by several processes at once."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, "head")
