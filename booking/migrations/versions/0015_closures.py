"""Office-days that close, and where their people went."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("counters", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("counters >= 0", name="counters"),
        sa.CheckConstraint("state IN ('asked', 'planned', 'applied', 'dropped')", name="state_word"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_closure_office_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_closure_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_closure"),
    )
    op.create_index(
        "uq_closure_open",
        "closure",
        ["office_id", "local_day"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'planned')"),
    )
    op.create_table(
        "appointment_move",
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("from_office_id", sa.Integer(), nullable=False),
        sa.Column("from_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_office_id", sa.Integer(), nullable=True),
        sa.Column("to_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refuse_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name="fk_appointment_move_closure_id"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_appointment_move_appointment_id"),
        sa.ForeignKeyConstraint(["from_office_id"], ["office.id"], name="fk_appointment_move_from_office_id"),
        sa.ForeignKeyConstraint(["to_office_id"], ["office.id"], name="fk_appointment_move_to_office_id"),
        sa.PrimaryKeyConstraint("closure_id", "appointment_id", name="pk_appointment_move"),
    )
    op.create_index("ix_appointment_move_appointment", "appointment_move", ["appointment_id", "made_at"])


def downgrade() -> None:
    raise RuntimeError("where people were moved is not forgotten; restore a backup instead")
