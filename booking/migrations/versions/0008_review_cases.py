"""Review cases, and the keys by which the records of people are compared."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "review_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("subject_key", sa.String(length=80), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["account.id"], name="fk_review_case_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_review_case"),
        sa.UniqueConstraint("reference", name="uq_review_case_reference"),
        sa.CheckConstraint(
            "(state = 'decided') = (decision IS NOT NULL AND officer_id IS NOT NULL AND note <> '')",
            name="decided",
        ),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        sa.CheckConstraint("kind IN ('same_person', 'ring')", name="kind_word"),
        sa.CheckConstraint("state IN ('open', 'decided', 'merged')", name="state_word"),
        sa.CheckConstraint(
            "decision IS NULL OR (kind = 'same_person' AND decision IN ('same', 'different')) "
            "OR (kind = 'ring' AND decision IN ('reselling', 'honest'))",
            name="decision_word",
        ),
    )
    op.create_index(
        "uq_review_case_subject",
        "review_case",
        ["kind", "subject_key"],
        unique=True,
        postgresql_where=sa.text("state = 'open' OR kind = 'same_person'"),
    )
    op.create_index(
        "ix_review_case_open", "review_case", ["opened_at"], postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_review_case_subjects", "review_case", ["subjects"], postgresql_using="gin")
    op.execute(
        """
        CREATE FUNCTION review_case_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
                RAISE EXCEPTION 'a review case that is closed is never changed, and none is removed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER review_case_rows BEFORE UPDATE OR DELETE ON review_case "
        "FOR EACH ROW EXECUTE FUNCTION review_case_is_final()"
    )
    op.create_table(
        "person_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["household_member.id"], name="fk_person_key_member_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "member_id", name="pk_person_key"),
    )
    op.create_index("ix_person_key_member", "person_key", ["member_id"])
    op.add_column("household_member", sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_household_member_not_compared",
        "household_member",
        ["id"],
        postgresql_where=sa.text("compared_at IS NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("officers' decisions are not thrown away; restore a backup instead")
