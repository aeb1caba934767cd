"""Known devices, changes of phones, lost second factors, citizens at the state's provider, notices to another phone."""

from alembic import op

revision = "0005_signin"
down_revision = "0004_rights"

old_code_can_run = True
"""Only tables that the version before does not know, and a column that may be empty."""


def upgrade() -> None:
    """Nobody has any of this yet."""
    op.execute(
        """
        ALTER TABLE message ADD COLUMN phone_ciphertext bytea;
        CREATE TABLE known_device (
            id uuid CONSTRAINT pk_known_device PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_known_device_account_id REFERENCES account,
            token_hash bytea NOT NULL,
            words varchar(60) NOT NULL,
            created_at timestamptz NOT NULL,
            used_at timestamptz NOT NULL,
            CONSTRAINT uq_known_device_account_id UNIQUE (account_id, token_hash)
        );
        CREATE TABLE phone_change (
            id uuid CONSTRAINT pk_phone_change PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_phone_change_account_id REFERENCES account,
            old_hash bytea NOT NULL,
            new_ciphertext bytea NOT NULL,
            new_hash bytea NOT NULL,
            created_at timestamptz NOT NULL,
            holds_at timestamptz,
            stop_hash bytea,
            done_at timestamptz,
            stopped_at timestamptz,
            CONSTRAINT ck_phone_change_one_end CHECK (done_at IS NULL OR stopped_at IS NULL),
            CONSTRAINT ck_phone_change_can_be_stopped CHECK ((holds_at IS NULL) = (stop_hash IS NULL))
        );
        CREATE UNIQUE INDEX uq_phone_change_open ON phone_change (account_id)
            WHERE done_at IS NULL AND stopped_at IS NULL;
        CREATE INDEX ix_phone_change_account_id ON phone_change (account_id);
        CREATE UNIQUE INDEX uq_phone_change_stop_hash ON phone_change (stop_hash);
        CREATE TABLE lost_factor (
            account_id uuid
                CONSTRAINT pk_lost_factor PRIMARY KEY CONSTRAINT fk_lost_factor_account_id REFERENCES account,
            created_at timestamptz NOT NULL,
            holds_at timestamptz NOT NULL
        );
        CREATE TABLE citizen_subject (
            account_id uuid
                CONSTRAINT pk_citizen_subject PRIMARY KEY CONSTRAINT fk_citizen_subject_account_id REFERENCES account,
            issuer varchar(255) NOT NULL,
            subject varchar(255) NOT NULL,
            linked_at timestamptz NOT NULL,
            CONSTRAINT uq_citizen_subject_issuer UNIQUE (issuer, subject)
        );
        """
    )
