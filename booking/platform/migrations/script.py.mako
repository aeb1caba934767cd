"""${message}."""

from alembic import op

revision = "${up_revision}"
down_revision = "${down_revision}"

old_code_can_run: bool
"""Whether processes of the version before may go on meanwhile and after: give it a value, and say here why.

True where they read and write as before (a new table, a column with a default, an index); False where they would fail
or do harm (something renamed or dropped, a new duty, other words in a CHECK).
"""


def upgrade() -> None:
    """Say what becomes of rows that are there."""
    op.execute("")
