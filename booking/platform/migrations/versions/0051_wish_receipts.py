"""Wishes of the exchange have receipts in the public log; times of nights and draws are ones that can be read."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0051_wish_receipts"
down_revision = "0050_what_stays"

old_code_can_run = True
"""Triggers sign what it writes. A night that it closes says nothing of receipts, as before."""
beside_old_code: Final = {
    "swap_wish": "triggers sign each wish, and log its receipt and its end, whoever writes or removes it",
    "swap_night": "it writes no time that cannot be read",
    "swap_entry": "it writes no time that cannot be read, and leaves empty what it does not know",
    "draw": "it writes no time that cannot be read",
}

_TIMES: Final = {
    "swap_night": "announced_at closes_at closed_at done_at looked_at",
    "swap_wish": "made_at",
    "swap_entry": "from_starts_at to_starts_at moved_at",
    "draw": "announced_at opens_at closes_at closed_at drawn_at published_at abandoned_at horizon_first horizon_last",
}
GUARDS: Final = Path(__file__).parents[1] / "guards_0051.sql"


def upgrade() -> None:
    """Wishes that wait get their receipts. A time that cannot be read stops it: no code reads such a row."""
    op.execute("ALTER TABLE swap_wish ADD COLUMN nonce bytea, ADD COLUMN receipt bytea")
    op.execute("ALTER TABLE swap_entry ADD COLUMN wish jsonb")
    op.execute("ALTER TABLE swap_night ADD COLUMN looked_at timestamptz")
    op.execute(GUARDS.read_text(encoding="utf-8"))
    op.execute(
        """
        UPDATE swap_wish SET made_at = made_at;
        ALTER TABLE swap_wish ALTER COLUMN nonce SET NOT NULL, ALTER COLUMN receipt SET NOT NULL;
        """
    )
    for table, columns in _TIMES.items():
        real = " AND ".join(f"isfinite({column})" for column in columns.split())
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_real_times CHECK ({real})")
