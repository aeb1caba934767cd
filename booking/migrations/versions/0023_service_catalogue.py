"""Services that are asked for online, their groups and agencies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Until now every service was one of passports, by appointment. Loading the country pack again writes the rest.
    for name, length, until_now in (
        ("delivery", 12, "appointment"),
        ("group_code", 40, "passports"),
        ("agency_code", 40, "immigration"),
    ):
        op.add_column("service", sa.Column(name, sa.String(length=length), nullable=False, server_default=until_now))
        op.alter_column("service", name, server_default=None)
    op.create_check_constraint("delivery_word", "service", "delivery IN ('appointment', 'online', 'both')")
    op.create_check_constraint("online_takes_no_counter", "service", "(delivery = 'online') = (units = 0)")


def downgrade() -> None:
    op.drop_constraint("online_takes_no_counter", "service")
    op.drop_constraint("delivery_word", "service")
    for name in ("agency_code", "group_code", "delivery"):
        op.drop_column("service", name)
