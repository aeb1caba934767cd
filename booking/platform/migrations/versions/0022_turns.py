"""Lost draws that last whatever a wish becomes, and receipts that were replaced in the public log."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0022_turns"
down_revision = "0021_chances"

old_code_can_run = False
"""The version before counts lost draws without asking whether any place fitted, and moves them to any wish."""

GUARDS: Final = Path(__file__).parents[1] / "guards_0022.sql"


def upgrade() -> None:
    """Let all draws that were lost so far last: whether anything fitted was no question when they were."""
    op.execute(
        """
        ALTER TABLE request
            ADD COLUMN lasting_draws smallint NOT NULL DEFAULT 0,
            ADD COLUMN resting_draws smallint NOT NULL DEFAULT 0;
        UPDATE request SET lasting_draws = lost_draws WHERE lost_draws > 0;
        ALTER TABLE request
            ADD CONSTRAINT ck_request_lasting
                CHECK (lasting_draws BETWEEN owed_turns AND lost_draws AND resting_draws >= 0);
        ALTER TABLE draw_turn ADD COLUMN lasting smallint NOT NULL DEFAULT 0;
        UPDATE draw_turn SET lasting = gained WHERE gained > 0;
        """
    )
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    # Through the driver itself: percent signs are not parameters.
    driver.execute(GUARDS.read_text(encoding="utf-8"))
