"""The devices at which helpers work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "helper_device",
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["helper.id"], name="fk_helper_device_helper_id"),
        sa.PrimaryKeyConstraint("device_hash", name="pk_helper_device"),
    )


def downgrade() -> None:
    op.drop_table("helper_device")
