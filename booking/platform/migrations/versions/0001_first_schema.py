"""The first schema: the job queue, the tables of each subject, and what guards their rows."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0001_first_schema"
down_revision = None

old_code_can_run = False
"""Whether processes of the version before may go on while this one is made and after: no, there were no tables."""

FIRST: Final = Path(__file__).parents[1] / "first"
TABLES: Final = (
    *("jobs", "offices", "people", "notices", "versions", "requests"),
    *("gate", "urgent", "appointments", "online", "records"),
)
"""In an order in which every table follows those that it refers to."""
GUARDS: Final = ("final", "versions", "reviews", "own_cases", "urgent")
"""In an order in which every function follows those that it calls."""


def upgrade() -> None:
    """Run the files through the driver itself: their percent signs are not parameters."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    for name in ("procrastinate_3_10", *(f"tables/{name}" for name in TABLES), *(f"guards/{name}" for name in GUARDS)):
        driver.execute((FIRST / f"{name}.sql").read_text(encoding="utf-8"))
