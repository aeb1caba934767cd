"""Branches that somebody abroad ranks for a visit home."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("request_office", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("request_office", sa.Column("last_day", sa.Date(), nullable=True))
    op.create_check_constraint(
        "own_days", "request_office", "(first_day IS NULL) = (last_day IS NULL) AND first_day <= last_day"
    )


def downgrade() -> None:
    op.drop_column("request_office", "last_day")
    op.drop_column("request_office", "first_day")
