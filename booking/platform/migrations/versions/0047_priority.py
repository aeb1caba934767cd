"""Whom the law put first in a hall is found without reading everything, to be forgotten."""

from alembic import op

revision = "0047_priority"
down_revision = "0046_errands_stay"

old_code_can_run = True
"""It writes these columns as before; they have an index more."""


def upgrade() -> None:
    """Few rows are in these indexes: those of the last month whom the law put first."""
    op.execute(
        """
        CREATE INDEX ix_appointment_priority ON appointment (starts_at) WHERE priority;
        CREATE INDEX ix_walk_in_priority ON walk_in (local_day) WHERE priority;
        """
    )
