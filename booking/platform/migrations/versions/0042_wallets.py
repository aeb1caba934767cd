"""Offers for wallets, credentials of appointments, and those that their owner ended."""

from alembic import op

revision = "0042_wallets"
down_revision = "0041_credentials"

old_code_can_run = True
"""Credentials of results stay as they are. Those of appointments are given by new code alone; beside it, until the old
processes are gone, a list that one of those signs lacks their bits and those of what an owner ended meanwhile, as if it
were a few minutes older."""
beside_old_code = {"issued_credential": "whatever it inserts belongs to a result, and it changes that of none"}


def upgrade() -> None:
    """Every credential that there is belongs to a result, and its owner did not end it."""
    op.execute(
        """
        CREATE TABLE credential_offer (
            id uuid NOT NULL CONSTRAINT pk_credential_offer PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_credential_offer_account_id REFERENCES account,
            result_id uuid CONSTRAINT fk_credential_offer_result_id REFERENCES issued_result
                CONSTRAINT uq_credential_offer_result_id UNIQUE,
            appointment_id uuid CONSTRAINT fk_credential_offer_appointment_id REFERENCES appointment
                CONSTRAINT uq_credential_offer_appointment_id UNIQUE,
            whole boolean NOT NULL,
            code_hash bytea NOT NULL CONSTRAINT uq_credential_offer_code_hash UNIQUE,
            transaction_hash bytea NOT NULL,
            tries_left smallint NOT NULL,
            token_hash bytea CONSTRAINT uq_credential_offer_token_hash UNIQUE,
            ends_at timestamptz NOT NULL,
            CONSTRAINT ck_credential_offer_of_one CHECK (num_nonnulls(result_id, appointment_id) = 1),
            CONSTRAINT ck_credential_offer_tries CHECK (tries_left >= 0)
        );
        CREATE INDEX ix_credential_offer_account_id ON credential_offer (account_id);
        CREATE INDEX ix_credential_offer_ends_at ON credential_offer (ends_at);
        ALTER TABLE issued_credential
            ALTER COLUMN result_id DROP NOT NULL,
            ADD COLUMN appointment_id uuid CONSTRAINT fk_issued_credential_appointment_id REFERENCES appointment,
            ADD COLUMN ended_at timestamptz,
            ADD CONSTRAINT ck_issued_credential_of_one CHECK (num_nonnulls(result_id, appointment_id) = 1);
        CREATE INDEX ix_issued_credential_appointment_id ON issued_credential (appointment_id);
        """
    )
