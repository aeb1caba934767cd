"""Draws that name their beacon and can be abandoned; rings of files; where each turn comes from."""

from alembic import op

revision = "0018_draws"
down_revision = "0017_beacons"

old_code_can_run = False
"""The version before would draw without the beacon, and publish files that only observers may see."""


def upgrade() -> None:
    """Draws from before keep their format; turns from before are owed, and the next draw puts them on record."""
    op.execute(
        """
        ALTER TABLE draw
            ADD COLUMN format smallint NOT NULL DEFAULT 1,
            ADD COLUMN again_of varchar(24),
            ADD COLUMN again_reason varchar(200),
            ADD COLUMN beacon jsonb,
            ADD COLUMN beacon_signature bytea,
            ADD COLUMN waits_for varchar(24),
            ADD COLUMN abandoned_at timestamptz,
            ADD COLUMN reason varchar(200),
            DROP CONSTRAINT ck_draw_state_word,
            ADD CONSTRAINT ck_draw_state_word
                CHECK (state IN ('announced', 'open', 'closed', 'drawn', 'published', 'abandoned')),
            ADD CONSTRAINT ck_draw_reason CHECK ((state = 'abandoned') = (reason IS NOT NULL));

        ALTER TABLE draw_file ADD COLUMN ring smallint NOT NULL DEFAULT 1
            CONSTRAINT ck_draw_file_ring CHECK (ring BETWEEN 0 AND 3);

        ALTER TABLE request
            ADD COLUMN link_draw varchar(24),
            ADD COLUMN link_list varchar(8),
            ADD COLUMN link_row integer,
            ADD COLUMN owed_turns smallint NOT NULL DEFAULT 0,
            ADD CONSTRAINT ck_request_link CHECK (num_nulls(link_draw, link_list, link_row) IN (0, 3)),
            ADD CONSTRAINT ck_request_owed CHECK (owed_turns BETWEEN 0 AND lost_draws);
        UPDATE request SET owed_turns = lost_draws WHERE lost_draws > 0;
        CREATE INDEX ix_request_link ON request (link_draw, link_list, link_row) WHERE link_draw IS NOT NULL;

        ALTER TABLE draw_entry
            ADD COLUMN link_draw varchar(24),
            ADD COLUMN link_list varchar(8),
            ADD COLUMN link_row integer,
            ADD CONSTRAINT uq_draw_entry_leaf UNIQUE (draw_id, leaf_index);

        CREATE TABLE draw_turn (
            draw_id uuid NOT NULL CONSTRAINT fk_draw_turn_draw_id REFERENCES draw,
            row integer NOT NULL,
            request_id uuid NOT NULL CONSTRAINT fk_draw_turn_request_id REFERENCES request,
            receipt bytea NOT NULL,
            reason varchar(24) NOT NULL,
            priority smallint NOT NULL,
            gained smallint NOT NULL,
            credited smallint NOT NULL,
            link_draw varchar(24),
            link_list varchar(8),
            link_row integer,
            CONSTRAINT pk_draw_turn PRIMARY KEY (draw_id, row),
            CONSTRAINT uq_draw_turn_request UNIQUE (draw_id, request_id)
        );
        CREATE INDEX ix_draw_turn_request_id ON draw_turn (request_id);
        """
    )
