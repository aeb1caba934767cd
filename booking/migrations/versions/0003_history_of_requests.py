"""What the gate's facts count: which transaction wrote a request, how each appointment ended, a person's requests."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The first number that a transaction can have: every verdict sees what was there before this migration.
LONG_AGO = "3"
THIS_TRANSACTION = "pg_current_xact_id()::text::bigint"


def upgrade() -> None:
    op.add_column("request", sa.Column("transaction", sa.BigInteger(), nullable=False, server_default=sa.text(LONG_AGO)))
    op.alter_column("request", "transaction", server_default=sa.text(THIS_TRANSACTION))
    op.create_table(
        "outcome",
        sa.Column("appointment_id", sa.Uuid(), sa.ForeignKey("appointment.id", name="fk_outcome_appointment_id"), primary_key=True),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("request.id", name="fk_outcome_request_id"), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id", name="fk_outcome_account_id"), nullable=False),
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False, server_default=sa.text(THIS_TRANSACTION)),
    )
    op.create_check_constraint("kind_word", "outcome", "kind IN ('served', 'no_show', 'lapsed', 'cancelled')")
    op.execute(
        f"""
        INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at, transaction)
        SELECT a.id, r.id, r.account_id, r.device_hash, r.phone_hash, a.state, a.ended_at, {LONG_AGO}
        FROM appointment a JOIN request r ON r.id = a.request_id
        WHERE a.state IN ('served', 'no_show', 'lapsed', 'cancelled') AND a.ended_at IS NOT NULL
        """
    )
    op.create_index("ix_outcome_account", "outcome", ["account_id", "at"])
    op.create_index("ix_outcome_device", "outcome", ["device_hash", "at"])
    op.create_index("ix_outcome_phone", "outcome", ["phone_hash", "at"])
    op.create_index("ix_request_member_person", "request_member", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_request_member_person", "request_member")
    op.drop_table("outcome")
    op.drop_column("request", "transaction")
