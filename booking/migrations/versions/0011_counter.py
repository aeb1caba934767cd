"""When a party checked in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("appointment", sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_appointment_confirmed_end", "appointment", ["ends_at"], postgresql_where=sa.text("state = 'confirmed'")
    )


def downgrade() -> None:
    op.drop_index("ix_appointment_confirmed_end", "appointment")
    op.drop_column("appointment", "checked_in_at")
