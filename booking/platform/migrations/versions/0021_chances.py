"""How likely an appointment is at each office, as the last draws showed."""

from alembic import op

revision = "0021_chances"
down_revision = "0020_edits"

old_code_can_run = True
"""New tables alone."""


def upgrade() -> None:
    """Know nothing yet: draws from before now say nothing of chances."""
    op.execute(
        """
        CREATE TABLE draw_chance (
            draw_id uuid NOT NULL CONSTRAINT fk_draw_chance_draw_id REFERENCES draw (id),
            office_id integer NOT NULL CONSTRAINT fk_draw_chance_office_id REFERENCES office (id),
            asked integer NOT NULL,
            shares jsonb NOT NULL,
            CONSTRAINT pk_draw_chance PRIMARY KEY (draw_id, office_id),
            CONSTRAINT ck_draw_chance_asked CHECK (asked >= 0)
        );
        CREATE TABLE office_chance (
            office_id integer NOT NULL CONSTRAINT pk_office_chance PRIMARY KEY
                CONSTRAINT fk_office_chance_office_id REFERENCES office (id),
            draws smallint NOT NULL,
            chances jsonb NOT NULL
        );
        """
    )
