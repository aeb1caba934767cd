"""Services asked for online: cases, papers, decisions, payments, results; the agency of an account."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
RUNNING = "state IN ('awaiting_payment', 'needs_more', 'submitted', 'assigned', 'approved')"
WORDS = {
    ("online_case", "state"): (
        "draft awaiting_payment submitted assigned needs_more approved issued refused revoked expired withdrawn lapsed"
    ),
    ("online_decision", "act"): "approval refusal more_asked issuing revocation",
    ("payment", "state"): "created paid dropped refund_due refunded",
    ("payment_event", "kind"): "paid failed refunded",
    ("payment_event", "outcome"): "applied repeated out_of_order wrong_amount unknown_payment",
    ("issued_result", "kind"): "certificate policy appointment",
}


def upgrade() -> None:
    op.add_column("account", sa.Column("agency_code", sa.String(40), nullable=True))
    _cases()
    _payments()
    _results()
    for (table, column), words in WORDS.items():
        op.create_check_constraint(
            f"{column}_word", table, f"{column} IN ({', '.join(repr(word) for word in words.split())})"
        )
    op.execute(
        """
        CREATE FUNCTION online_decision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'decisions about online cases are never changed or removed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER online_decision_rows BEFORE UPDATE OR DELETE ON online_decision "
        "FOR EACH ROW EXECUTE FUNCTION online_decision_is_final()"
    )
    op.execute(
        "CREATE TRIGGER online_decision_table BEFORE TRUNCATE ON online_decision "
        "FOR EACH STATEMENT EXECUTE FUNCTION online_decision_is_final()"
    )


def _cases() -> None:
    op.create_table(
        "online_case",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("service_id", sa.Integer(), sa.ForeignKey("service.id"), nullable=False),
        sa.Column("agency_code", sa.String(40), nullable=False),
        sa.Column("residence", sa.String(12), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("due_on", sa.Date()),
        sa.Column("assigned_to", sa.Uuid(), sa.ForeignKey("account.id")),
        sa.Column("assigned_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.CheckConstraint(
            "(assigned_to IS NULL) OR state NOT IN ('draft', 'awaiting_payment', 'submitted')", name="assigned"
        ),
        sa.CheckConstraint("(submitted_at IS NULL) OR state <> 'draft'", name="draft_is_not_sent"),
    )
    op.create_index(
        "uq_online_case_running",
        "online_case",
        ["person_id", "service_id", "subject"],
        unique=True,
        postgresql_where=sa.text(RUNNING),
    )
    op.create_index(
        "uq_online_case_draft",
        "online_case",
        ["account_id", "person_id", "service_id"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "ix_online_case_queue",
        "online_case",
        ["agency_code", "submitted_at"],
        postgresql_where=sa.text("state IN ('submitted', 'assigned', 'approved')"),
    )
    op.create_index("ix_online_case_account", "online_case", ["account_id", "created_at"])
    op.create_table(
        "online_paper",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("online_case.id"), nullable=False),
        sa.Column("document_code", sa.String(60), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.SmallInteger(), nullable=False),
        sa.Column("fingerprints", sa.ARRAY(sa.String(16)), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.CheckConstraint("pages > 0 AND size > 0", name="some"),
    )
    op.create_index(
        "uq_online_paper_file",
        "online_paper",
        ["case_id", "document_code", "sha256"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_online_paper_sha256", "online_paper", ["sha256"])
    op.create_table(
        "online_decision",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("online_case.id"), nullable=False, index=True),
        sa.Column("officer_id", sa.Uuid(), sa.ForeignKey("account.id")),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("reason_code", sa.String(40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("officer_id IS NULL OR note <> '' OR act IN ('approval', 'issuing')", name="noted"),
    )
    op.create_index("ix_online_decision_officer", "online_decision", ["officer_id", "at"])


def _payments() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("online_case.id"), nullable=False, index=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("paid_at", INSTANT),
        sa.Column("refunded_at", INSTANT),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.UniqueConstraint("provider", "reference", name="uq_payment_provider"),
    )
    op.create_index(
        "uq_payment_live",
        "payment",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('created', 'paid')"),
    )
    op.create_index(
        "ix_payment_refund", "payment", ["created_at"], postgresql_where=sa.text("state = 'refund_due'")
    )
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), index=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.UniqueConstraint("provider", "event_id", name="uq_payment_event_provider"),
    )


def _results() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "issued_result",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("online_case.id"), nullable=False, unique=True),
        sa.Column("service_id", sa.Integer(), sa.ForeignKey("service.id"), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thing", sa.LargeBinary()),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_reason", sa.String(40)),
        sa.CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="period"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
    )
    op.execute(
        """
        ALTER TABLE issued_result ADD CONSTRAINT ex_issued_result_thing EXCLUDE USING gist (
            service_id WITH =, thing WITH =, daterange(valid_from, valid_until, '[]') WITH &&
        ) WHERE (thing IS NOT NULL AND revoked_at IS NULL)
        """
    )
    op.create_index("ix_issued_result_person", "issued_result", ["person_id", "service_id"])
    op.create_index(
        "ix_issued_result_revoked",
        "issued_result",
        ["revoked_at"],
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("certificates and payments are not thrown away; restore a backup instead")
