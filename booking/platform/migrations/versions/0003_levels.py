"""What each account typed of a person, and whose claim on a number ended because its owner was proven."""

from alembic import op

revision = "0003_levels"
down_revision = "0002_identity"

old_code_can_run = True
"""A column that may be empty, and a table that the version before does not know."""


def upgrade() -> None:
    """Until now all accounts had to type the same birth date for a number: it is what each of them typed."""
    op.execute(
        """
        ALTER TABLE household_member ADD COLUMN typed_birth_date date;
        UPDATE household_member SET typed_birth_date = person.birth_date
            FROM person WHERE person.id = household_member.person_id;
        CREATE TABLE ended_claim (
            id uuid NOT NULL CONSTRAINT pk_ended_claim PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_ended_claim_account_id REFERENCES account (id),
            person_id uuid NOT NULL CONSTRAINT fk_ended_claim_person_id REFERENCES person (id),
            level varchar(24) NOT NULL,
            since timestamptz NOT NULL,
            ended_at timestamptz NOT NULL,
            CONSTRAINT ck_ended_claim_level_word CHECK (level IN ('claimed', 'matched', 'proven', 'seen'))
        );
        CREATE INDEX ix_ended_claim_account ON ended_claim (account_id, ended_at);
        CREATE INDEX ix_ended_claim_person ON ended_claim (person_id);
        """
    )
