"""Observers of draws: organisations with a key, named by two administrators."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0019_observers"
down_revision = "0018_draws"

old_code_can_run = True
"""A new table alone."""

GUARDS: Final = Path(__file__).parents[1] / "guards_0019.sql"


def upgrade() -> None:
    """Name nobody yet."""
    op.execute(
        """
        CREATE TABLE observer (
            id uuid NOT NULL CONSTRAINT pk_observer PRIMARY KEY,
            name varchar(40) NOT NULL,
            organisation varchar(120) NOT NULL,
            public_key bytea NOT NULL,
            until timestamptz,
            reason varchar(2000) NOT NULL,
            state varchar(24) NOT NULL,
            proposed_by uuid NOT NULL CONSTRAINT fk_observer_proposed_by REFERENCES account (id),
            proposed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            decided_by uuid CONSTRAINT fk_observer_decided_by REFERENCES account (id),
            decided_at timestamptz,
            ended_by uuid CONSTRAINT fk_observer_ended_by REFERENCES account (id),
            ended_at timestamptz,
            ended_because varchar(2000),
            CONSTRAINT ck_observer_state_word
                CHECK (state IN ('proposed', 'named', 'refused', 'expired', 'ended')),
            CONSTRAINT ck_observer_key CHECK (octet_length(public_key) = 32),
            CONSTRAINT ck_observer_decided_whole CHECK (
                (state IN ('named', 'refused', 'ended')) = (decided_by IS NOT NULL)
                AND (state = 'proposed') = (decided_at IS NULL)
            ),
            CONSTRAINT ck_observer_ended_whole CHECK (
                (state = 'ended') = (ended_at IS NOT NULL) AND (ended_by IS NULL) = (ended_because IS NULL)
                AND (state = 'ended' OR ended_by IS NULL)
            )
        );
        CREATE UNIQUE INDEX uq_observer_name_live ON observer (name) WHERE state IN ('proposed', 'named');
        CREATE UNIQUE INDEX uq_observer_key_live ON observer (public_key) WHERE state IN ('proposed', 'named');
        """
    )
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    # Through the driver itself: percent signs are not parameters.
    driver.execute(GUARDS.read_text(encoding="utf-8"))
