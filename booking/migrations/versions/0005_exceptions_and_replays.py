"""Exceptions from rules, and what replays found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "rule_exception",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("granted_by", sa.Uuid(), sa.ForeignKey("account.id", name="fk_rule_exception_granted_by"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > granted_at", name="some_time"),
    )
    op.create_check_constraint(
        "kind_word", "rule_exception", "kind IN ('person', 'device', 'phone', 'account', 'helper')"
    )
    op.create_index("ix_rule_exception_subject", "rule_exception", ["subject", "expires_at"])
    op.create_table(
        "replay_run",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("differences", JSONB(), nullable=False),
    )
    op.create_index("ix_verdict_day", "verdict", ["decided_at"])


def downgrade() -> None:
    op.drop_index("ix_verdict_day", "verdict")
    op.drop_table("replay_run")
    op.drop_table("rule_exception")
