"""That an appointment ended otherwise than was known: appended, never changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "outcome_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('served', 'no_show')", name="attendance"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["outcome.appointment_id"], name="fk_outcome_correction_appointment_id"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_outcome_correction_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_correction"),
    )
    op.create_index("ix_outcome_correction_appointment", "outcome_correction", ["appointment_id", "at"])
    op.execute(
        """
        CREATE FUNCTION correction_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'corrections are never changed or removed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER correction_rows BEFORE UPDATE OR DELETE ON outcome_correction "
        "FOR EACH ROW EXECUTE FUNCTION correction_is_final()"
    )
    op.execute(
        "CREATE TRIGGER correction_table BEFORE TRUNCATE ON outcome_correction "
        "FOR EACH STATEMENT EXECUTE FUNCTION correction_is_final()"
    )
    op.execute(
        """
        CREATE FUNCTION correction_is_of_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT kind FROM outcome WHERE appointment_id = NEW.appointment_id) NOT IN ('served', 'no_show') THEN
                RAISE EXCEPTION 'only whether anybody came can be corrected';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER correction_of_attendance BEFORE INSERT ON outcome_correction "
        "FOR EACH ROW EXECUTE FUNCTION correction_is_of_attendance()"
    )


def downgrade() -> None:
    raise RuntimeError("corrections are not thrown away; restore a backup instead")
