"""How sure it is that an account may act for a person, and that only proven people count for one live request."""

from alembic import op

revision = "0002_identity"
down_revision = "0001_first_schema"

old_code_can_run = True
"""Columns have defaults, and what the version before writes counts as proven: its rule of one live request stays."""


def upgrade() -> None:
    """Nobody has proven anything yet; the requests that are live go on counting."""
    op.execute(
        """
        ALTER TABLE household_member
            ADD COLUMN level varchar(24) NOT NULL DEFAULT 'claimed',
            ADD COLUMN proved_by varchar(24),
            ADD COLUMN proved_at timestamptz,
            ADD COLUMN grant_ciphertext bytea,
            ADD CONSTRAINT ck_household_member_level_word CHECK (level IN ('claimed', 'matched', 'proven', 'seen')),
            ADD CONSTRAINT ck_household_member_proved_by_word
                CHECK (proved_by IN ('card', 'passport', 'phone', 'guardian', 'provider', 'officer')),
            ADD CONSTRAINT ck_household_member_proof_is_whole
                CHECK ((level IN ('proven', 'seen')) = (proved_by IS NOT NULL)
                    AND (proved_by IS NULL) = (proved_at IS NULL)
                    AND (proved_by IS NULL) = (grant_ciphertext IS NULL));
        ALTER TABLE request_member ADD COLUMN proven boolean NOT NULL DEFAULT true;
        DROP INDEX uq_request_member_live;
        CREATE UNIQUE INDEX uq_request_member_live ON request_member (person_id, exclusive_group) WHERE live AND proven;
        """
    )
