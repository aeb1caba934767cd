"""Where the status of results stands that were given out as verifiable credentials."""

from alembic import op

revision = "0041_credentials"
down_revision = "0040_calendars"

old_code_can_run = True
"""A new table alone, which the version before does not know."""


def upgrade() -> None:
    """Nobody has such a credential yet."""
    op.execute(
        """
        CREATE TABLE issued_credential (
            list integer NOT NULL,
            position integer NOT NULL,
            result_id uuid NOT NULL CONSTRAINT fk_issued_credential_result_id REFERENCES issued_result,
            issued_at timestamptz NOT NULL,
            CONSTRAINT pk_issued_credential PRIMARY KEY (list, position),
            CONSTRAINT ck_issued_credential_place CHECK (list >= 0 AND position >= 0)
        );
        CREATE INDEX ix_issued_credential_result_id ON issued_credential (result_id);
        """
    )
