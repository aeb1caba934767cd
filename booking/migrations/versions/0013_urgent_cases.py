"""Urgent cases, their evidence and decisions; nothing takes a place of the urgent pool without the approvals."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LIVE = "state IN ('draft', 'submitted', 'assigned', 'needs_second', 'needs_evidence', 'approved')"
STANDING = "act = 'approval' AND undone_at IS NULL"
WORDS = {
    ("urgent_request", "state"): (
        "draft submitted assigned needs_second needs_evidence approved denied revoked withdrawn lapsed"
    ),
    ("urgent_decision", "act"): "approval denial evidence_asked referral disagreement undoing revocation",
}
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tables()
    for (table, column), words in WORDS.items():
        op.create_check_constraint(
            f"{column}_word", table, f"{column} IN ({', '.join(repr(word) for word in words.split())})"
        )
    op.add_column("appointment", sa.Column("urgent_request_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_appointment_urgent_request_id", "appointment", "urgent_request", ["urgent_request_id"], ["id"]
    )
    op.create_index("ix_appointment_urgent_request_id", "appointment", ["urgent_request_id"])
    op.add_column("slot_pool", sa.Column("overbooked", sa.SmallInteger(), nullable=False, server_default=sa.text("0")))
    op.create_check_constraint("overbooked", "slot_pool", "overbooked >= 0 AND (overbooked = 0 OR pool = 'urgent')")
    op.add_column("message", sa.Column("not_before", INSTANT, nullable=True))
    # Through the driver itself: the file's percent signs are not parameters.
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    driver.execute((Path(__file__).parent.parent / "urgent_guarantee.sql").read_text(encoding="utf-8"))


def _tables() -> None:
    op.create_table(
        "urgent_request",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("request.id"), nullable=False),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("office_id", sa.Integer(), sa.ForeignKey("office.id"), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reason_code", sa.String(40), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("evidence_note", sa.String(), nullable=False),
        sa.Column("for_supervisor", sa.Boolean(), nullable=False),
        sa.Column("over_pool", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(12)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("assigned_to", sa.Uuid(), sa.ForeignKey("account.id")),
        sa.Column("assigned_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.CheckConstraint("(assigned_to IS NULL) OR state NOT IN ('draft', 'submitted')", name="assigned"),
        sa.CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
    )
    op.create_index(
        "uq_urgent_request_live", "urgent_request", ["request_id"], unique=True, postgresql_where=sa.text(LIVE)
    )
    op.create_index(
        "ix_urgent_request_queue",
        "urgent_request",
        ["office_id", "needed_by"],
        postgresql_where=sa.text("state IN ('submitted', 'assigned', 'needs_second')"),
    )
    op.create_index("ix_urgent_request_account", "urgent_request", ["account_id", "created_at"])
    op.create_table(
        "urgent_evidence",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("urgent_request_id", sa.Uuid(), sa.ForeignKey("urgent_request.id"), nullable=False),
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
        "uq_urgent_evidence_file",
        "urgent_evidence",
        ["urgent_request_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("ix_urgent_evidence_sha256", "urgent_evidence", ["sha256"])
    op.create_table(
        "urgent_decision",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("urgent_request_id", sa.Uuid(), sa.ForeignKey("urgent_request.id"), nullable=False, index=True),
        sa.Column("officer_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("position", sa.SmallInteger()),
        sa.Column("slot_id", sa.BigInteger(), sa.ForeignKey("slot.id")),
        sa.Column("reason_code", sa.String(40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT),
        sa.CheckConstraint(
            "(act = 'approval') = (position IS NOT NULL) AND (act = 'approval') = (slot_id IS NOT NULL)",
            name="approval",
        ),
        sa.CheckConstraint("position IN (1, 2)", name="position"),
        sa.CheckConstraint("note <> ''", name="noted"),
    )
    for name, column in (("officer", "officer_id"), ("position", "position")):
        op.create_index(
            f"uq_urgent_decision_{name}",
            "urgent_decision",
            ["urgent_request_id", column],
            unique=True,
            postgresql_where=sa.text(STANDING),
        )
    op.create_index("ix_urgent_decision_officer", "urgent_decision", ["officer_id", "at"])


def downgrade() -> None:
    raise RuntimeError("decisions about urgent cases are not thrown away; restore a backup instead")
