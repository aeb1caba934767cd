"""People without an appointment: tickets of the day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "walk_in_day",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("last_ticket", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_walk_in_day_office_id"),
        sa.PrimaryKeyConstraint("office_id", "local_day", name="pk_walk_in_day"),
    )
    op.create_table(
        "walk_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("ticket", sa.SmallInteger(), nullable=False),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("counter", sa.SmallInteger(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ticket > 0 AND places > 0", name="some"),
        sa.CheckConstraint("(called_at IS NULL) = (counter IS NULL)", name="called_to_a_counter"),
        sa.CheckConstraint("state IN ('waiting', 'called', 'served', 'gone')", name="state_word"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_walk_in_office_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_walk_in_service_id"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_walk_in_slot_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_walk_in_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_walk_in"),
        sa.UniqueConstraint("office_id", "local_day", "ticket", name="uq_walk_in_ticket"),
        sa.UniqueConstraint("person_hash", "local_day", name="uq_walk_in_person"),
    )
    op.create_index("ix_walk_in_called", "walk_in", ["office_id", "local_day", "called_at"])


def downgrade() -> None:
    op.drop_table("walk_in")
    op.drop_table("walk_in_day")
