"""Original papers of people abroad: how they reach a consulate, and where they are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = (
    "'draft', 'awaiting_payment', 'submitted', 'assigned', 'needs_more', 'approved', 'issued', 'refused', 'revoked', "
    "'expired', 'withdrawn', 'lapsed'"
)
RUNNING = "'awaiting_payment', 'needs_more', 'submitted', 'assigned', 'approved'"
UNASSIGNED = "'draft', 'awaiting_payment', 'submitted'"


def upgrade() -> None:
    _know_states("'awaiting_papers', ")
    op.create_table(
        "case_originals",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tracking", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["online_case.id"], name="fk_case_originals_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_case_originals_office_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_originals"),
        sa.CheckConstraint("way IN ('visit', 'post')", name="way_word"),
        sa.CheckConstraint("state IN ('chosen', 'awaited', 'arrived', 'given_up', 'sent_back')", name="state_word"),
        sa.CheckConstraint("way = 'post' OR state = 'chosen'", name="only_post_moves"),
        sa.CheckConstraint("(last_day IS NULL) = (state = 'chosen')", name="last_day"),
        sa.CheckConstraint("(sent_back_at IS NULL) = (state <> 'sent_back')", name="sent_back"),
    )
    op.create_index("ix_case_originals_office", "case_originals", ["office_id", "state"])
    op.create_index(
        "ix_case_originals_last_day", "case_originals", ["last_day"], postgresql_where=sa.text("state = 'awaited'")
    )


def downgrade() -> None:
    op.drop_table("case_originals")
    op.execute("UPDATE online_case SET state = 'submitted' WHERE state = 'awaiting_papers'")
    _know_states("")


def _know_states(more: str) -> None:
    op.drop_constraint("state_word", "online_case", type_="check")
    op.create_check_constraint("state_word", "online_case", f"state IN ({more}{STATES})")
    op.drop_constraint("assigned", "online_case", type_="check")
    op.create_check_constraint("assigned", "online_case", f"(assigned_to IS NULL) OR state NOT IN ({more}{UNASSIGNED})")
    op.drop_index("uq_online_case_running", table_name="online_case")
    op.create_index(
        "uq_online_case_running",
        "online_case",
        ["person_id", "service_id", "subject"],
        unique=True,
        postgresql_where=sa.text(f"state IN ({more}{RUNNING})"),
    )
