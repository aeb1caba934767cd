"""Drafts of rules, rules in shadow, studies of the gate, and the steps of versions with their reasons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "rule_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("proposed_as", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("revision > 0", name="revision"),
        sa.ForeignKeyConstraint(["based_on"], ["rule_set_version.version"], name="fk_rule_draft_based_on"),
        sa.ForeignKeyConstraint(["proposed_as"], ["rule_set_version.version"], name="fk_rule_draft_proposed_as"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_rule_draft_created_by"),
        sa.ForeignKeyConstraint(["saved_by"], ["account.id"], name="fk_rule_draft_saved_by"),
        sa.PrimaryKeyConstraint("id", name="pk_rule_draft"),
    )
    op.create_table(
        "version_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.CheckConstraint(
            "step IN ('proposed', 'shadow', 'retired', 'activated', 'rolled_back')", name="step_word"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_version_step_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_version_step"),
    )
    op.create_index("ix_version_step_version", "version_step", ["kind", "version", "at"])
    op.execute(
        """
        CREATE FUNCTION version_step_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'steps of versions are never changed or removed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER version_step_rows BEFORE UPDATE OR DELETE ON version_step "
        "FOR EACH ROW EXECUTE FUNCTION version_step_is_final()"
    )
    op.create_table(
        "shadow_verdict",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("fired", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("decision IN ('accept', 'challenge', 'review')", name="decision_word"),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name="fk_shadow_verdict_verdict_id"),
        sa.ForeignKeyConstraint(
            ["rules_version"], ["rule_set_version.version"], name="fk_shadow_verdict_rules_version"
        ),
        sa.PrimaryKeyConstraint("verdict_id", "rules_version", name="pk_shadow_verdict"),
    )
    op.create_table(
        "gate_study",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('backtest', 'shadow', 'model')", name="kind_word"),
        sa.CheckConstraint("state IN ('asked', 'running', 'done', 'cancelled', 'failed')", name="state_word"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_gate_study_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_gate_study"),
    )
    op.create_index("ix_gate_study_asked", "gate_study", ["kind", "asked_at"])


def downgrade() -> None:
    raise RuntimeError("reasons of versions are not thrown away; restore a backup instead")
