"""What a draw decided stays as its result stated it, until it is given out."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0031_outcome_guards"
down_revision = "0030_draw_file_parts"

old_code_can_run = True
"""What the guards refuse no version does."""
beside_old_code: Final = {
    "draw": "it gives a result out to everyone before it calls a draw drawn",
    "draw_outcome": "it copies what was decided before the result is stated, and changes nothing of it",
    "appointment_places": "what is refused there was refused before",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0031.sql"


def upgrade() -> None:
    """Nothing is looked at: rows that are there are of a draw that is being given out, and go with it."""
    op.execute(GUARDS.read_text(encoding="utf-8"))
