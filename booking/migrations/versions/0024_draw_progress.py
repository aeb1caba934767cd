"""How far a draw is that a process closes or draws now; room beside the entries of a draw for their outcome."""

from alembic import op

revision = "0024_draw_progress"
down_revision = "0023_languages"

old_code_can_run = False
"""The version before would change what a draw counts on while it is being closed in several transactions."""


def upgrade() -> None:
    """No draw is being closed. An entry is written once more, with its outcome: in place where its page has room."""
    op.execute(
        """
        CREATE TABLE draw_progress (
            draw_id uuid CONSTRAINT pk_draw_progress PRIMARY KEY
                CONSTRAINT fk_draw_progress_draw_id REFERENCES draw (id),
            phase varchar(24) NOT NULL CONSTRAINT ck_draw_progress_phase_word CHECK (
                phase IN ('reading', 'checking', 'keeping', 'binding', 'opening', 'drawing', 'writing', 'applying')
            ),
            done integer NOT NULL DEFAULT 0,
            of integer NOT NULL DEFAULT 0,
            began_at timestamptz NOT NULL,
            phase_at timestamptz NOT NULL
        );
        ALTER TABLE draw_entry SET (fillfactor = 60);
        """
    )
