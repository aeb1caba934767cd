"""The city of each office: two offices of one region are told apart by it, on pages and in charts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Offices have no city before the country pack is loaded again; until then their region stands for it."""
    for column in ("city_ar", "city_en"):
        op.add_column("office", sa.Column(column, sa.String(length=120), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("city_en", "city_ar"):
        op.drop_column("office", column)
