"""How far a draw is that a process closes or draws now; requests and entries that a draw changes in place."""

from alembic import op

revision = "0024_draw_progress"
down_revision = "0023_languages"

old_code_can_run = False
"""The version before would change what a draw counts on while it is being closed in several transactions."""


def upgrade() -> None:
    """No draw is being closed.

    An entry is written once more, with its outcome, and a request when a draw binds it: in place where the page has
    room and no index holds what changes. Keys that begin with the request find its entries, which need no index more.
    """
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
        ALTER TABLE request SET (fillfactor = 80);
        DROP INDEX ix_request_draw_id, ix_request_link, ix_draw_entry_request_id, ix_draw_turn_request_id;
        ALTER TABLE draw_entry
            DROP CONSTRAINT pk_draw_entry,
            ADD CONSTRAINT pk_draw_entry PRIMARY KEY (request_id, draw_id);
        ALTER TABLE draw_turn
            DROP CONSTRAINT uq_draw_turn_request,
            ADD CONSTRAINT uq_draw_turn_request UNIQUE (request_id, draw_id);
        """
    )
