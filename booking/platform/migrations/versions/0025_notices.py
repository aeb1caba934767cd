"""Waiting notices are found by when they may be sent, those of one instant in no order that anybody chose."""

from alembic import op

revision = "0025_notices"
down_revision = "0024_draw_progress"

old_code_can_run = True
"""The version before claims notices without the index, only slower, and writes the same rows."""


def upgrade() -> None:
    """Order waiting notices by when they are due; the id, drawn at random, decides among those of one draw."""
    op.execute(
        """
        DROP INDEX ix_message_waiting;
        CREATE INDEX ix_message_waiting ON message (GREATEST(created_at, not_before, next_at), created_at, id)
            WHERE state = 'waiting';
        """
    )
