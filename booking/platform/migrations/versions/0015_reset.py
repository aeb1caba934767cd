"""Since when an account's password is one that came by a code to its phone."""

from alembic import op

revision = "0015_reset"
down_revision = "0012_closing"

old_code_can_run = True
"""A column that may be empty, which the version before does not know."""


def upgrade() -> None:
    """Of passwords from before nobody knows how they came: nothing waits for them."""
    op.execute("ALTER TABLE account ADD COLUMN password_reset_at timestamptz")
