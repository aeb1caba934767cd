"""The second approval for a helper's cases looks at who asked, and not at whose account the request is in."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parent.parent


def upgrade() -> None:
    _execute((SQL / "urgent_helper.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    before = (SQL / "urgent_guarantee.sql").read_text(encoding="utf-8")
    function, end, _ = before.partition("\n$$;\n")
    _execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + end)
    _execute("DROP FUNCTION asking_helper(request)")


def _execute(sql: str) -> None:
    """Run SQL through the driver itself: its percent signs are not parameters."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    driver.execute(sql)
