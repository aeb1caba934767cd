"""A draw's result is stated once and given out in steps; requests are found by the queue in which they are."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0027_apply"
down_revision = "0026_pages"

old_code_can_run = False
"""The version before takes a draw whose result is being given out for one without a result, and would draw it again."""

old_pages_can_run = True
"""Draws are the workers' alone. Pages read and write requests as before, by the index of their states, which a contract
step removes."""

GUARDS: Final = Path(__file__).parents[1] / "guards_0027.sql"


def upgrade() -> None:
    """Keep what a draw decided until it is given out, and index the queue of a request, in time in place of its state.

    A draw moves requests between states of one queue. Once the contract step has removed the index of states it changes
    them in place. The new column is computed, which writes the table of requests once more.
    """
    op.execute(
        """
        CREATE TABLE draw_outcome (
            draw_id uuid NOT NULL,
            row integer NOT NULL,
            leaf_index integer NOT NULL,
            position integer NOT NULL,
            rank smallint,
            base bytea NOT NULL,
            reference varchar(16),
            pool varchar(24),
            slots bigint[],
            units integer[],
            explanation jsonb NOT NULL,
            CONSTRAINT pk_draw_outcome PRIMARY KEY (draw_id, row)
        );
        ALTER TABLE draw_progress ADD COLUMN left_meanwhile integer NOT NULL DEFAULT 0;
        ALTER TABLE request ADD COLUMN queue varchar(8) GENERATED ALWAYS AS (
            CASE
                WHEN state IN ('accepted', 'carried_over', 'drawn') THEN 'draw'
                WHEN state = 'under_review' THEN 'officer'
                WHEN state = 'challenged' THEN 'person'
            END
        ) STORED;
        CREATE INDEX ix_request_queue ON request (queue) WHERE queue IS NOT NULL;
        """
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))
