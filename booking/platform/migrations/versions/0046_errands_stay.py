"""What the people of a request come for ends by an edit of the request alone."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0046_errands_stay"
down_revision = "0045_visits"

old_code_can_run = True
"""It takes such rows away where it edits a request, and changes the request with them."""
beside_old_code: Final = {
    "request_errand": "it removes and moves rows by edits alone, after which they agree with the request",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0046.sql"


def upgrade() -> None:
    """Every request for several services that there is has all of its rows."""
    op.execute(GUARDS.read_text(encoding="utf-8"))
