"""The public log: entries, tiles, checkpoints and cosignatures, which the database lets nobody change."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0016_log"
down_revision = "0015_reset"

old_code_can_run = True
"""Tables that the version before does not know; receipts of its requests are kept for the log by a trigger."""

TABLES: Final = Path(__file__).parents[1] / "log_0016.sql"


def upgrade() -> None:
    """Make the log; receipts of requests that wait for a draw are the first entries."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    # Through the driver itself: percent signs are not parameters.
    driver.execute(TABLES.read_text(encoding="utf-8"))
