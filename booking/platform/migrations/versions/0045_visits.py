"""Requests for several services on one visit."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0045_visits"
down_revision = "0044_hall"

old_code_can_run = True
"""It asks for one service, and reads a request for several as one for the first of them, which takes as long as all."""
beside_old_code: Final = {
    "request": "it gives up no service of several, and its other changes are looked at as before",
    "request_member": "a second live turn of a person in a group is refused, as it was before",
}

GUARDS: Final = Path(__file__).parents[1] / "guards_0045.sql"


def upgrade() -> None:
    """Every request that there is is for one service."""
    op.execute(
        """
        ALTER TABLE request ADD COLUMN service_count smallint NOT NULL DEFAULT 1,
            ADD CONSTRAINT ck_request_service_count CHECK (service_count > 0);
        CREATE TABLE request_errand (
            request_id uuid NOT NULL CONSTRAINT fk_request_errand_request_id REFERENCES request,
            person_id uuid NOT NULL,
            service_id integer NOT NULL CONSTRAINT fk_request_errand_service_id REFERENCES service,
            position smallint NOT NULL,
            exclusive_group varchar(60) NOT NULL,
            units smallint NOT NULL,
            reason_code varchar(40),
            CONSTRAINT pk_request_errand PRIMARY KEY (request_id, person_id, service_id),
            CONSTRAINT fk_request_errand_member FOREIGN KEY (request_id, person_id)
                REFERENCES request_member (request_id, person_id) ON DELETE CASCADE,
            CONSTRAINT ck_request_errand_units CHECK (units > 0 AND position >= 0)
        );
        CREATE UNIQUE INDEX uq_request_errand_group ON request_errand (request_id, person_id, exclusive_group);
        CREATE INDEX ix_request_errand_person ON request_errand (person_id, exclusive_group);
        """
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))
