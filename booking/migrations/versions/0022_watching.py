"""Questions about approvals; appeals with a last day; parties left unserved and tickets that lapse; waiting times."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DAYS_BEFORE_POLICY = 14
"""Appeals that came before there was a last day have this many days from their coming."""


def upgrade() -> None:
    op.add_column("review_case", sa.Column("office_id", sa.Integer(), nullable=True))
    op.add_column(
        "review_case",
        sa.Column("concerns", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_foreign_key("fk_review_case_office_id", "review_case", "office", ["office_id"], ["id"])
    _allow("review_case", "kind_word", "kind IN ('same_person', 'ring', 'approvals', 'evidence', 'linked')")
    _allow(
        "review_case",
        "decision_word",
        "decision IS NULL OR (kind = 'same_person' AND decision IN ('same', 'different')) "
        "OR (kind = 'ring' AND decision IN ('reselling', 'honest')) "
        "OR (kind IN ('approvals', 'evidence', 'linked') AND decision IN ('explained', 'follow_up'))",
    )
    op.create_check_constraint(
        "not_by_whom_it_concerns", "review_case", "officer_id IS NULL OR officer_id <> ALL (concerns)"
    )
    op.create_index("ix_urgent_decision_at", "urgent_decision", ["at"])
    op.create_index("ix_urgent_evidence_uploaded_at", "urgent_evidence", ["uploaded_at"])

    op.add_column("appeal", sa.Column("answer_by", sa.Date(), nullable=True))
    op.add_column("appeal", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE appeal SET answer_by = (created_at AT TIME ZONE 'UTC')::date + {DAYS_BEFORE_POLICY}")
    op.alter_column("appeal", "answer_by", nullable=False)
    op.create_index("ix_appeal_open", "appeal", ["answer_by"], postgresql_where=sa.text("state = 'open'"))

    states = "'offered', 'confirmed', 'checked_in', 'served', 'unserved', 'no_show', 'lapsed', 'cancelled'"
    _allow("appointment", "state_word", f"state IN ({states})")
    op.create_index(
        "ix_appointment_checked_in", "appointment", ["ends_at"], postgresql_where=sa.text("state = 'checked_in'")
    )
    _allow("walk_in", "state_word", "state IN ('waiting', 'called', 'served', 'gone', 'lapsed')")
    op.create_index(
        "ix_walk_in_open", "walk_in", ["local_day"], postgresql_where=sa.text("state IN ('waiting', 'called')")
    )
    op.create_table(
        "waiting_time",
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("median", sa.Float(), nullable=False),
        sa.Column("worst", sa.Float(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what IN ('draw', 'urgent', 'review', 'appeal')", name="what_word"),
        sa.PrimaryKeyConstraint("what", name="pk_waiting_time"),
    )


def downgrade() -> None:
    raise RuntimeError("answers to questions about approvals are not thrown away; restore a backup instead")


def _allow(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(name, table, condition)
