"""Versions that one person proposes and another activates; labels, shadow scores and measures of the gate."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

APPROVED = ("rule_set_version", "model_version", "no_show_model_version")
TWO_PEOPLE = (
    "activated_at IS NULL OR bootstrap OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)"
)


def upgrade() -> None:
    for table in APPROVED[:2]:
        op.add_column(table, sa.Column("state", sa.String(length=24)))
        op.add_column(table, sa.Column("bootstrap", sa.Boolean()))
        op.add_column(table, sa.Column("activated_at", sa.DateTime(timezone=True)))
        op.add_column(table, sa.Column("activated_by", sa.Uuid()))
        op.create_foreign_key(f"fk_{table}_activated_by", table, "account", ["activated_by"], ["id"])
        # Versions from before this rule were made by the system alone.
        op.execute(
            f"UPDATE {table} SET state = CASE WHEN active THEN 'active' ELSE 'retired' END, "
            "bootstrap = true, activated_at = created_at"
        )
        op.alter_column(table, "state", nullable=False)
        op.alter_column(table, "bootstrap", nullable=False)
    op.create_table(
        "no_show_model_version",
        sa.Column("artifact", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("bootstrap", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name="fk_no_show_model_version_created_by"),
        sa.ForeignKeyConstraint(["activated_by"], ["account.id"], name="fk_no_show_model_version_activated_by"),
        sa.PrimaryKeyConstraint("version", name="pk_no_show_model_version"),
    )
    op.create_index(
        "uq_no_show_model_version_active",
        "no_show_model_version",
        [sa.text("(active)")],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.execute(
        """
        CREATE FUNCTION version_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE others boolean;
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', TG_TABLE_NAME) INTO others;
            IF NEW.bootstrap AND others THEN
                RAISE EXCEPTION 'only the very first version needs no second person';
            ELSIF NOT NEW.bootstrap AND NEW.state <> 'draft' THEN
                RAISE EXCEPTION 'a version begins as a draft';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE free text[] := ARRAY['state', 'active', 'activated_at', 'activated_by'];
        BEGIN
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
                RAISE EXCEPTION 'a version is never changed or removed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in APPROVED:
        op.create_index(
            f"uq_{table}_shadow",
            table,
            [sa.text("(state)")],
            unique=True,
            postgresql_where=sa.text("state = 'shadow'"),
        )
        op.create_check_constraint("state_word", table, "state IN ('draft', 'shadow', 'active', 'retired')")
        op.create_check_constraint("active_state", table, "active = (state = 'active')")
        op.create_check_constraint(
            "activated", table, "state <> 'active' OR bootstrap OR activated_at IS NOT NULL"
        )
        op.create_check_constraint("two_people", table, TWO_PEOPLE)
        op.execute(
            f"CREATE TRIGGER {table}_born BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION version_is_born()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION version_is_fixed()"
        )
    op.create_table(
        "label",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("value", sa.Boolean(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_label_request_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_label_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_label"),
    )
    op.create_index("ix_label_request", "label", ["request_id", "known_at"])
    op.create_index("ix_label_known", "label", ["known_at"])
    op.create_check_constraint("kind_word", "label", "kind IN ('review', 'appeal', 'attendance', 'reselling')")
    op.execute(
        """
        CREATE FUNCTION label_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'labels are never changed or removed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER label_rows BEFORE UPDATE OR DELETE ON label FOR EACH ROW EXECUTE FUNCTION label_is_final()"
    )
    op.execute(
        "CREATE TRIGGER label_table BEFORE TRUNCATE ON label FOR EACH STATEMENT EXECUTE FUNCTION label_is_final()"
    )
    op.create_table(
        "shadow_score",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name="fk_shadow_score_verdict_id"),
        sa.ForeignKeyConstraint(["model_version"], ["model_version.version"], name="fk_shadow_score_model_version"),
        sa.PrimaryKeyConstraint("verdict_id", "model_version", name="pk_shadow_score"),
    )
    op.create_table(
        "gate_measure",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "subject", name="pk_gate_measure"),
    )
    op.add_column(
        "verdict",
        sa.Column("contributions", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )


def downgrade() -> None:
    raise RuntimeError("labels and approvals are not thrown away; restore a backup instead")
