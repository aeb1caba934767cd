"""Holders of appointments who would rather have another one, and the nights that exchange places."""

from alembic import op

revision = "0043_swaps"
down_revision = "0042_wallets"

old_code_can_run = True
"""New tables alone, which the version before does not know. It runs no night of the exchange."""


def upgrade() -> None:
    """Nobody wishes for another appointment yet."""
    op.execute(
        """
        CREATE TABLE swap_night (
            id uuid NOT NULL CONSTRAINT pk_swap_night PRIMARY KEY,
            reference varchar(24) NOT NULL CONSTRAINT uq_swap_night_reference UNIQUE,
            state varchar(24) NOT NULL
                CONSTRAINT ck_swap_night_state_word CHECK (state IN ('announced', 'closed', 'done', 'abandoned')),
            announced_at timestamptz NOT NULL,
            closes_at timestamptz NOT NULL,
            closed_at timestamptz,
            done_at timestamptz,
            seed_commitment bytea NOT NULL,
            seed_ciphertext bytea NOT NULL,
            seed bytea,
            beacon jsonb NOT NULL,
            beacon_signature bytea,
            waits_for varchar(24),
            inputs bytea,
            result bytea,
            places jsonb NOT NULL,
            figures jsonb NOT NULL,
            CONSTRAINT ck_swap_night_seed_secret_until_done CHECK ((state = 'done') = (seed IS NOT NULL))
        );
        CREATE INDEX ix_swap_night_closes ON swap_night (closes_at);
        CREATE TABLE swap_wish (
            appointment_id uuid NOT NULL CONSTRAINT pk_swap_wish PRIMARY KEY
                CONSTRAINT fk_swap_wish_appointment_id REFERENCES appointment,
            choices jsonb NOT NULL,
            made_at timestamptz NOT NULL,
            night_id uuid CONSTRAINT fk_swap_wish_night_id REFERENCES swap_night
        );
        CREATE INDEX ix_swap_wish_night_id ON swap_wish (night_id);
        CREATE TABLE swap_entry (
            night_id uuid NOT NULL CONSTRAINT fk_swap_entry_night_id REFERENCES swap_night,
            units smallint NOT NULL,
            number integer NOT NULL,
            appointment_id uuid NOT NULL CONSTRAINT fk_swap_entry_appointment_id REFERENCES appointment,
            person_draw_id bytea NOT NULL,
            places jsonb NOT NULL,
            outcome varchar(24)
                CONSTRAINT ck_swap_entry_outcome_word CHECK (outcome IN ('kept', 'moved', 'left', 'no_place')),
            from_office_id integer NOT NULL CONSTRAINT fk_swap_entry_from_office_id REFERENCES office,
            from_starts_at timestamptz NOT NULL,
            to_office_id integer CONSTRAINT fk_swap_entry_to_office_id REFERENCES office,
            to_starts_at timestamptz,
            CONSTRAINT pk_swap_entry PRIMARY KEY (night_id, units, number)
        );
        CREATE INDEX ix_swap_entry_appointment_id ON swap_entry (appointment_id);
        CREATE INDEX ix_swap_entry_left ON swap_entry (from_office_id, from_starts_at) WHERE outcome = 'moved';
        """
    )
