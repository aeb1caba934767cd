"""Find colleagues among many accounts, and entries of the audit log by who, what and about what."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_account_staff", "account", ["username"], postgresql_where=sa.text("roles <> '{citizen}'"))
    for column in ("actor", "subject"):
        op.create_index(f"ix_audit_entry_{column}", "audit_entry", [column, "sequence"])
    # Actions are found by how they begin.
    op.create_index(
        "ix_audit_entry_action", "audit_entry", ["action"], postgresql_ops={"action": "varchar_pattern_ops"}
    )


def downgrade() -> None:
    for column in ("subject", "action", "actor"):
        op.drop_index(f"ix_audit_entry_{column}", "audit_entry")
    op.drop_index("ix_account_staff", "account")
