"""Run by Alembic: migrations happen under an advisory lock, so that starting servers do not collide."""

from typing import Final, Literal

from alembic import context
from sqlalchemy import create_engine, pool, text

from booking.models import Base
from booking.models.base import Word

LOCK: Final = 0x6D61776964  # "mawid"


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write our word type as the plain text that it is, so that a migration never imports models."""
    return "sa.String(length=24)" if kind == "type" and isinstance(item, Word) else False


engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
