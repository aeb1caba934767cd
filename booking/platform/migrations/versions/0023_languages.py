"""Languages are data: an account has the code of any of them, also one of three letters such as Sorani (ckb)."""

from alembic import op

revision = "0023_languages"
down_revision = "0022_turns"

old_code_can_run = False
"""A worker of the version before would give up notices to people whose language it does not know."""


def upgrade() -> None:
    """Take the code of a language; which ones are spoken is the country pack's to say."""
    op.execute(
        """
        ALTER TABLE account DROP CONSTRAINT ck_account_language_word;
        ALTER TABLE account ALTER COLUMN language TYPE varchar(8);
        ALTER TABLE account ADD CONSTRAINT ck_account_language_word CHECK (language ~ '^[a-z]{2,3}$');
        ALTER TABLE account_copy ALTER COLUMN language TYPE varchar(8);
        """
    )
