"""Requests that clerks typed at the counter."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "counter_request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_counter_request_request_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_counter_request_office_id"),
        sa.ForeignKeyConstraint(["clerk_id"], ["account.id"], name="fk_counter_request_clerk_id"),
        sa.PrimaryKeyConstraint("request_id", name="pk_counter_request"),
    )


def downgrade() -> None:
    op.drop_table("counter_request")
