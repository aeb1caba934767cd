"""Secret addresses from which calendars read somebody's appointments, or what comes to an office."""

from alembic import op

revision = "0040_calendars"
down_revision = "0038_webhooks"

old_code_can_run = True
"""A new table alone, which the version before does not know."""


def upgrade() -> None:
    """Nobody has such an address yet."""
    op.execute(
        """
        CREATE TABLE calendar_feed (
            account_id uuid NOT NULL CONSTRAINT fk_calendar_feed_account_id REFERENCES account,
            kind varchar(24) NOT NULL
                CONSTRAINT ck_calendar_feed_kind_word CHECK (kind IN ('own', 'counter', 'office')),
            secret_hash bytea NOT NULL CONSTRAINT uq_calendar_feed_secret_hash UNIQUE,
            created_at timestamptz NOT NULL,
            read_on date,
            CONSTRAINT pk_calendar_feed PRIMARY KEY (account_id, kind)
        );
        """
    )
