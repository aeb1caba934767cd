"""Requests that something must hold for on the day, and those that a draw left out for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("request", sa.Column("must_hold", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "draw_left_out",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("lacks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name="fk_draw_left_out_draw_id"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_draw_left_out_request_id"),
        sa.PrimaryKeyConstraint("draw_id", "request_id", name="pk_draw_left_out"),
    )
    op.create_index("ix_draw_left_out_request_id", "draw_left_out", ["request_id"])


def downgrade() -> None:
    op.drop_table("draw_left_out")
    op.drop_column("request", "must_hold")
