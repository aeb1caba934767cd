"""What a night brought to somebody, and in which format a draw is, is said once; when somebody moved is kept."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0049_nights_end"
down_revision = "0048_events"

old_code_can_run = True
"""It writes no ``moved_at``: as before, what is shown of such a move counts as old until its night is done."""
beside_old_code: Final = {
    "swap_entry": "triggers refuse what would say again, and wrongly, what became of somebody, or remove it early",
    "draw": "triggers refuse a step back to an earlier format, and a new draw of format 1, which no code makes",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0049.sql"


def upgrade() -> None:
    """Change no row."""
    op.execute("ALTER TABLE swap_entry ADD COLUMN moved_at timestamptz")
    op.execute(GUARDS.read_text(encoding="utf-8"))
