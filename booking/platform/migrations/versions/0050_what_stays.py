"""Who names a request, an appointment, a slot or an office is held by triggers of a statement: they stay for good."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0050_what_stays"
down_revision = "0049_nights_end"

old_code_can_run = True
"""It removes none of them, and what a trigger refuses a foreign key refused."""
beside_old_code: Final = {
    "request": "it removes no request; what a trigger refuses otherwise, a foreign key refused",
    "appointment": "it removes no appointment, and does not change whose it is; else as above",
    "appointment_places": "it gives no places to another appointment; else as above",
    "slot": "it removes no slot",
    "office": "it removes no office",
    "draw_entry": "what a trigger refuses, a foreign key refused; no entry goes to another request",
    "person_key": "what a trigger refuses, a foreign key refused; no key goes to another record",
    "household_member": "keys of what it removes go with it, as before; it changes no id",
    "draw_turn": "what a trigger refuses, a foreign key refused; no turn goes to another request",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0050.sql"


def upgrade() -> None:
    """Change no row, and look at none: the tables are locked for everybody for a moment."""
    op.execute(GUARDS.read_text(encoding="utf-8"))
