"""Decisions about an urgent case are in the order in which they were written, however the clocks stood."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("urgent_decision", sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False))
    op.create_unique_constraint("uq_urgent_decision_number", "urgent_decision", ["number"])


def downgrade() -> None:
    op.drop_column("urgent_decision", "number")
