"""Several secrets, one of them in use, and a key that outlives them."""

from alembic import op

revision = "0009_rotation"
down_revision = "0008_keys"

old_code_can_run = True
"""Until a secret is replaced nothing else is stored than before, and the one row says what it said."""


def upgrade() -> None:
    """Keep which secret is in use, when one was replaced, and since when nothing needs it."""
    op.execute(
        """
        ALTER TABLE key_check
            ADD COLUMN lasting bytea,
            ADD COLUMN present boolean NOT NULL DEFAULT true,
            ADD COLUMN replaced_at timestamptz,
            ADD COLUMN free_from timestamptz,
            ADD CONSTRAINT ck_key_check_replaced_whole CHECK (present = (replaced_at IS NULL)),
            ADD CONSTRAINT ck_key_check_needed_while_in_use CHECK (free_from IS NULL OR NOT present),
            ADD CONSTRAINT ck_key_check_lasting_with_present CHECK (lasting IS NULL OR present);
        ALTER TABLE key_check ALTER COLUMN present DROP DEFAULT;
        CREATE UNIQUE INDEX uq_key_check_present ON key_check ((present)) WHERE present;
        """
    )
