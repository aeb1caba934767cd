"""Evidence that comes in parts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "evidence_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("urgent_request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= received AND received <= length AND length > 0 AND parts >= 0", name="bounds"
        ),
        sa.ForeignKeyConstraint(["urgent_request_id"], ["urgent_request.id"], name="fk_evidence_upload_urgent_request_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_evidence_upload_account_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["urgent_evidence.id"], name="fk_evidence_upload_evidence_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_upload"),
    )
    op.create_index("ix_evidence_upload_case", "evidence_upload", ["urgent_request_id", "created_at"])
    op.create_index("ix_evidence_upload_created", "evidence_upload", ["created_at"])


def downgrade() -> None:
    op.drop_table("evidence_upload")
