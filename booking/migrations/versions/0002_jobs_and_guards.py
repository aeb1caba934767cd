"""The job queue's own schema, words that are checked, and an audit log that only grows."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WORDS = {
    ("request", "state"): (
        "submitted challenged under_review accepted refused carried_over drawn held completed withdrawn lapsed"
    ),
    ("appointment", "state"): "offered confirmed checked_in served no_show lapsed cancelled",
    ("draw", "state"): "announced open closed drawn published",
    ("appeal", "state"): "open upheld rejected",
    ("slot_pool", "pool"): "draw instant urgent accessible walk_in",
    ("verdict", "decision"): "accept challenge review refuse",
    ("account", "door"): "home abroad",
    ("request", "door"): "home abroad",
    ("account", "language"): "ar en",
}


def upgrade() -> None:
    queue = Path(__file__).parent.parent / "procrastinate_3_10.sql"
    # Through the driver itself: the file's percent signs are not parameters.
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    driver.execute(queue.read_text(encoding="utf-8"))
    for (table, column), words in WORDS.items():
        op.create_check_constraint(
            f"{column}_word", table, f"{column} IN ({', '.join(repr(word) for word in words.split())})"
        )
    op.execute(
        """
        CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit entries are never changed or removed';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER audit_entry_rows BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_table BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final()"
    )


def downgrade() -> None:
    raise RuntimeError("the queue and the audit log are not thrown away; restore a backup instead")
