"""Quota policies that one analyst proposes and another activates; drafts of them, and what was tried."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TWO_PEOPLE = (
    "activated_at IS NULL OR bootstrap OR limits_only "
    "OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)"
)
BORN = """
CREATE FUNCTION quota_policy_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.bootstrap THEN
        IF EXISTS (SELECT FROM quota_policy) THEN
            RAISE EXCEPTION 'only the very first version needs no second person';
        END IF;
    ELSIF NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a version begins as a draft';
    ELSIF NEW.limits_only THEN
        IF NOT EXISTS (
            SELECT FROM quota_policy WHERE active AND shares = NEW.shares AND overrides = NEW.overrides
        ) THEN
            RAISE EXCEPTION 'a change of limits alone keeps the active quotas';
        END IF;
    ELSIF NEW.created_by IS NULL THEN
        RAISE EXCEPTION 'a draft is proposed by somebody';
    END IF;
    RETURN NEW;
END $$
"""
FIXED = """
CREATE FUNCTION quota_policy_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'active', 'activated_at', 'activated_by'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.activated_at IS NULL AND NOT OLD.bootstrap THEN
        free := free || ARRAY['limits'];  -- those that hold when it becomes active first
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'a version is never changed or removed';
    END IF;
    RETURN NEW;
END $$
"""

OUTGROWN = """
CREATE OR REPLACE FUNCTION urgent_pool_outgrown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- or by a quota policy that becomes active in this very transaction: two people wanted that
    IF NOT EXISTS (SELECT FROM quota_policy WHERE active AND xmin = pg_current_xact_id()::xid) THEN
        PERFORM refuse_urgent('the pool grows only by what a supervisor adds for an approved case');
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    _approve_versions()
    op.execute(OUTGROWN)
    op.create_table(
        "quota_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("overrides", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_as", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'proposed', 'dropped')", name="state_word"),
        sa.CheckConstraint("(state = 'proposed') = (proposed_as IS NOT NULL)", name="proposed_as"),
        sa.ForeignKeyConstraint(["based_on"], ["quota_policy.version"], name="fk_quota_draft_based_on"),
        sa.ForeignKeyConstraint(["proposed_as"], ["quota_policy.version"], name="fk_quota_draft_proposed_as"),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_quota_draft_created_by"),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name="fk_quota_draft_changed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_draft"),
    )
    op.create_table(
        "quota_trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("shares", postgresql.JSONB(), nullable=False),
        sa.Column("overrides", postgresql.JSONB(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("progress", sa.SmallInteger(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('what_if', 'suggestion')", name="kind_word"),
        sa.CheckConstraint("state IN ('asked', 'running', 'done', 'failed', 'cancelled')", name="state_word"),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result"),
        sa.ForeignKeyConstraint(["draft_id"], ["quota_draft.id"], name="fk_quota_trial_draft_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_quota_trial_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_quota_trial"),
    )
    op.create_index("ix_quota_trial_draft", "quota_trial", ["draft_id", "asked_at"])
    op.create_index(
        "ix_quota_trial_unfinished",
        "quota_trial",
        ["asked_at"],
        postgresql_where=sa.text("state IN ('asked', 'running')"),
    )


def _approve_versions() -> None:
    table = "quota_policy"
    op.add_column(
        table, sa.Column("overrides", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    op.add_column(table, sa.Column("limits_only", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column(table, sa.Column("state", sa.String(length=24)))
    op.add_column(table, sa.Column("bootstrap", sa.Boolean()))
    op.add_column(table, sa.Column("activated_at", sa.DateTime(timezone=True)))
    op.add_column(table, sa.Column("activated_by", sa.Uuid()))
    op.create_foreign_key("fk_quota_policy_activated_by", table, "account", ["activated_by"], ["id"])
    # Versions from before this rule: the pack's first one, and changes of limits at a terminal.
    op.execute(
        "UPDATE quota_policy SET state = CASE WHEN active THEN 'active' ELSE 'retired' END, activated_at = created_at, "
        "bootstrap = version = (SELECT min(version) FROM quota_policy), "
        "limits_only = version > (SELECT min(version) FROM quota_policy)"
    )
    op.alter_column(table, "state", nullable=False)
    op.alter_column(table, "bootstrap", nullable=False)
    op.create_check_constraint("state_word", table, "state IN ('draft', 'active', 'retired')")
    op.create_check_constraint("active_state", table, "active = (state = 'active')")
    op.create_check_constraint("activated", table, "state <> 'active' OR bootstrap OR activated_at IS NOT NULL")
    op.create_check_constraint("two_people", table, TWO_PEOPLE)
    op.execute(BORN)
    op.execute(FIXED)
    op.execute(
        "CREATE TRIGGER quota_policy_born BEFORE INSERT ON quota_policy "
        "FOR EACH ROW EXECUTE FUNCTION quota_policy_is_born()"
    )
    op.execute(
        "CREATE TRIGGER quota_policy_fixed BEFORE UPDATE OR DELETE ON quota_policy "
        "FOR EACH ROW EXECUTE FUNCTION quota_policy_is_fixed()"
    )


def downgrade() -> None:
    raise RuntimeError("approvals are not thrown away; restore a backup instead")
