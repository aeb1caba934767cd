"""Requests that their owners edit: the wish before, and the receipt of the new one in the public log."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0020_edits"
down_revision = "0019_observers"

old_code_can_run = True
"""New tables, and triggers that meet nothing that the version before does."""

GUARDS: Final = Path(__file__).parents[1] / "guards_0020.sql"


def upgrade() -> None:
    """No request was edited yet."""
    op.execute(
        """
        CREATE TABLE request_edit (
            request_id uuid NOT NULL CONSTRAINT fk_request_edit_request_id REFERENCES request (id),
            number smallint NOT NULL,
            wish jsonb NOT NULL,
            receipt bytea NOT NULL CONSTRAINT uq_request_edit_receipt UNIQUE,
            edited_at timestamptz NOT NULL,
            CONSTRAINT pk_request_edit PRIMARY KEY (request_id, number)
        );
        CREATE TABLE request_left (
            request_id uuid NOT NULL CONSTRAINT fk_request_left_request_id REFERENCES request (id),
            person_id uuid NOT NULL,
            left_at timestamptz NOT NULL,
            CONSTRAINT pk_request_left PRIMARY KEY (request_id, person_id)
        );
        CREATE INDEX ix_request_left_person ON request_left (person_id);
        """
    )
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    # Through the driver itself: percent signs are not parameters.
    driver.execute(GUARDS.read_text(encoding="utf-8"))
