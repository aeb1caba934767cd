"""Nobody decides a case of their own person, household or phone: one function, asked by a trigger on every decision."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parent.parent
GUARDED = (
    *("verdict", "appeal", "urgent_decision", "urgent_request", "online_decision", "online_case", "review_case"),
    *("outcome_correction", "label", "counter_request", "walk_in", "rule_exception"),
)


def upgrade() -> None:
    _execute((SQL / "own_cases.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for table in GUARDED:
        op.execute(f"DROP TRIGGER {table}_own ON {table}")
    _, start, before = (SQL / "urgent_helper.sql").read_text(encoding="utf-8").partition("CREATE OR REPLACE FUNCTION")
    _execute(start + before)
    op.execute("DROP FUNCTION refuse_own()")
    op.execute("DROP FUNCTION is_own_number(uuid, bytea)")
    op.execute("DROP FUNCTION is_own_review_case(uuid, text, uuid[], uuid[])")
    op.execute("DROP FUNCTION is_own_online_case(uuid, uuid)")
    op.execute("DROP FUNCTION is_own_request(uuid, uuid)")
    op.execute("DROP FUNCTION is_own(uuid, uuid[], uuid[], bytea[])")


def _execute(sql: str) -> None:
    """Run SQL through the driver itself: its percent signs are not parameters."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    driver.execute(sql)
