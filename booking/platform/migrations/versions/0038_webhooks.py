"""Events for other systems: written where something happens, signed, and delivered to those who may know."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0038_webhooks"
down_revision = "0036_processes"

old_code_can_run = True
"""New tables, which the version before does not know; what it changes is noted too, where a system wants to know."""
beside_old_code: Final = {
    "request": "a trigger notes a change of state and refuses nothing",
    "appointment": "a trigger notes a change of state or time and refuses nothing",
    "online_case": "a trigger notes a change of state and refuses nothing",
    "draw": "a trigger notes a change of state and refuses nothing",
}

MIGRATIONS: Final = Path(__file__).parents[1]


def upgrade() -> None:
    """Nobody wants to know anything yet."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    for name in ("webhooks_0038.sql", "guards_0038.sql"):
        # Through the driver itself: percent signs are not parameters.
        driver.execute((MIGRATIONS / name).read_text(encoding="utf-8"))
