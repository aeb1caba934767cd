"""Consents that people sign on paper; their requests get no place before an officer accepted them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_GUARD = """
    CREATE FUNCTION paper_was_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM consent WHERE request_id = NEW.request_id AND paper_reference IS NOT NULL)
           AND NOT EXISTS (
               SELECT FROM verdict
               WHERE request_id = NEW.request_id AND decision = 'accept' AND officer_id IS NOT NULL
           )
        THEN
            RAISE EXCEPTION 'paper: no officer accepted the signed consent'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER paper_was_accepted BEFORE INSERT ON appointment
        FOR EACH ROW EXECUTE FUNCTION paper_was_accepted();
"""


def upgrade() -> None:
    op.add_column("consent", sa.Column("paper_reference", sa.String(length=16), nullable=True))
    op.create_unique_constraint("uq_consent_paper_reference", "consent", ["paper_reference"])
    op.create_table(
        "consent_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.SmallInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_consent_paper_consent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent_paper"),
    )
    op.create_index(
        "uq_consent_paper_kept",
        "consent_paper",
        ["consent_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_consent_paper_consent", "consent_paper", ["consent_id"])
    op.create_index("ix_consent_paper_sha256", "consent_paper", ["sha256"])
    op.execute(_GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER paper_was_accepted ON appointment; DROP FUNCTION paper_was_accepted()")
    op.drop_table("consent_paper")
    op.drop_column("consent", "paper_reference")
