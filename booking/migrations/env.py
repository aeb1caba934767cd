"""Run by Alembic on the connection that `booking.core.schema` gives it, which also holds the lock of migrations."""

from typing import Literal

from alembic import context

from booking.models import Base
from booking.models.base import Word


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write our word type as the plain text that it is, so that a migration never imports models."""
    return "sa.String(length=24)" if kind == "type" and isinstance(item, Word) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
