"""Run the migrations on the connection in `attributes`, which `booking.country.core.schema` passes, locked already."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
