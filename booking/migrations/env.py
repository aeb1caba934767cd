"""Run by Alembic on the connection that `booking.core.schema` gives it, beside the one that holds the lock of migrations."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
