"""The beginning of a draw's file is stored as its parts are: what compresses no further is not tried."""

from alembic import op

revision = "0032_draw_files"
down_revision = "0031_outcome_guards"

old_code_can_run = True
"""It reads and writes the same; only how the database keeps it changes, and that of new files alone."""


def upgrade() -> None:
    """Files that are there stay as they are."""
    op.execute("ALTER TABLE draw_file ALTER COLUMN content SET STORAGE EXTERNAL")
