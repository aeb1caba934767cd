"""What a statement changed is looked at once, and an index has no rows that nobody looks for in it."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0048_events"
down_revision = "0047_priority"

old_code_can_run = True
"""It writes as before, and the same is noted and refused."""
beside_old_code: Final = {
    "request": "a trigger notes what others noted, and refuses nothing",
    "appointment": "triggers note what others noted, and refuse what one refused",
    "online_case": "a trigger notes what another noted, and refuses nothing",
    "draw": "triggers note what others noted; it removes no draw",
    "account": "it removes no account",
    "draw_entry": "what a trigger refuses, a foreign key refused",
    "draw_turn": "what a trigger refuses, a foreign key refused",
    "message": "what triggers refuse, a foreign key refused; no notice goes to another account",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0048.sql"


def upgrade() -> None:
    """Change no row; few appointments are of an urgent case.

    The index comes first: the guards lock what everybody reads until the end, and take no time.
    """
    op.execute(
        """
        DROP INDEX ix_appointment_urgent_request_id;
        CREATE INDEX ix_appointment_urgent_request_id ON appointment (urgent_request_id)
            WHERE urgent_request_id IS NOT NULL;
        """
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))
