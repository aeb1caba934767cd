"""Accounts that their owners close, copies of what is kept about them, and that nothing new begins in a closed one."""

from alembic import op

revision = "0004_rights"
down_revision = "0003_levels"

old_code_can_run = True
"""Columns have defaults, and the guard refuses only what would begin in an account that its owner closed."""

GUARDED = ("consent", "household_member", "online_case", "request")


def upgrade() -> None:
    """No account was closed by its owner yet."""
    op.execute(
        """
        ALTER TABLE account
            ADD COLUMN closed_by_owner boolean NOT NULL DEFAULT false,
            ADD COLUMN erased_at timestamptz,
            ADD COLUMN erasure smallint NOT NULL DEFAULT 0,
            ADD CONSTRAINT ck_account_owner_closed CHECK (NOT closed_by_owner OR closed_at IS NOT NULL),
            ADD CONSTRAINT ck_account_erased CHECK (
                erasure BETWEEN 0 AND 3 AND (erased_at IS NULL) = (erasure = 0) AND (erasure = 0 OR closed_by_owner)
            );
        CREATE INDEX ix_account_to_erase ON account (closed_at) WHERE closed_by_owner AND erasure < 3;

        CREATE TABLE account_copy (
            id uuid CONSTRAINT pk_account_copy PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_account_copy_account_id REFERENCES account,
            language varchar(2) NOT NULL,
            asked_at timestamptz NOT NULL,
            made_at timestamptz,
            parts smallint NOT NULL DEFAULT 0,
            size integer NOT NULL DEFAULT 0,
            fetched_at timestamptz,
            removed_at timestamptz,
            CONSTRAINT ck_account_copy_made CHECK ((made_at IS NULL) = (parts = 0) AND parts >= 0 AND size >= 0)
        );
        CREATE UNIQUE INDEX uq_account_copy_kept ON account_copy (account_id) WHERE removed_at IS NULL;

        -- Whoever closes an account has its row to themselves: what begins meanwhile waits here, and sees it closed.
        CREATE FUNCTION account_is_not_left() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            left_by_owner boolean;
        BEGIN
            SELECT closed_by_owner INTO left_by_owner FROM account WHERE id = NEW.account_id FOR SHARE;
            IF left_by_owner THEN
                RAISE EXCEPTION 'account: nothing begins in an account that its owner closed'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$;
        """
    )
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_of_open_account BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION account_is_not_left()"
        )
