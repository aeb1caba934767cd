"""Helpers, what they did, the consent of the people whom they help, and accounts that nobody took over yet."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("account", sa.Column("unclaimed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    _helpers()
    op.add_column("request", sa.Column("helper_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_request_helper_id", "request", "helper", ["helper_id"], ["id"])
    op.create_index(
        "ix_request_helper",
        "request",
        ["helper_id", "created_at"],
        postgresql_where=sa.text("helper_id IS NOT NULL"),
    )
    _consents()


def _helpers() -> None:
    op.create_table(
        "helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.String(length=80), nullable=False),
        sa.Column("licence", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.SmallInteger(), nullable=False),
        sa.Column("per_month", sa.SmallInteger(), nullable=False),
        sa.Column("at_once", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("suspended_reason", sa.String(length=2000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name="state_word"),
        sa.CheckConstraint(
            "per_day BETWEEN 1 AND per_month AND per_month <= 10000 AND at_once BETWEEN 1 AND 500", name="caps"
        ),
        sa.CheckConstraint("(state = 'suspended') = (suspended_reason IS NOT NULL)", name="suspended_with_reason"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_helper_account_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_helper_office_id"),
        sa.PrimaryKeyConstraint("id", name="pk_helper"),
        sa.UniqueConstraint("account_id", name="uq_helper_account_id"),
        sa.UniqueConstraint("licence", name="uq_helper_licence"),
    )
    op.create_index("ix_helper_office_id", "helper", ["office_id"])
    op.create_table(
        "helper_use",
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("taken", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("taken >= 0", name="taken"),
        sa.ForeignKeyConstraint(["helper_id"], ["helper.id"], name="fk_helper_use_helper_id"),
        sa.PrimaryKeyConstraint("helper_id", "period", name="pk_helper_use"),
    )


def _consents() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'given', 'used', 'withdrawn')", name="state_word"),
        sa.CheckConstraint("state NOT IN ('asked', 'given') OR request_id IS NULL", name="request_when_used"),
        sa.CheckConstraint("state <> 'used' OR request_id IS NOT NULL", name="used_for_a_request"),
        sa.ForeignKeyConstraint(["helper_id"], ["helper.id"], name="fk_consent_helper_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_consent_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id"),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name="fk_consent_request_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("request_id", name="uq_consent_request_id"),
    )
    op.create_index("ix_consent_helper", "consent", ["helper_id", "asked_at"])
    op.create_index("ix_consent_account_id", "consent", ["account_id"])


def downgrade() -> None:
    op.drop_table("consent")
    op.drop_index("ix_request_helper", table_name="request")
    op.drop_constraint("fk_request_helper_id", "request")
    op.drop_column("request", "helper_id")
    op.drop_table("helper_use")
    op.drop_table("helper")
    op.drop_column("account", "unclaimed")
