"""Whether an account may act for a person, asked by its owner and answered at a counter."""

from alembic import op

revision = "0007_disputes"
down_revision = "0006_staff_persons"

old_code_can_run = True
"""A new table, which the version before does not know."""


def upgrade() -> None:
    """Keep questions and answers, and refuse officers who answer about themselves, their household or phone."""
    op.execute(
        """
        CREATE TABLE dispute (
            id uuid CONSTRAINT pk_dispute PRIMARY KEY,
            person_id uuid NOT NULL CONSTRAINT fk_dispute_person_id REFERENCES person,
            account_id uuid NOT NULL CONSTRAINT fk_dispute_account_id REFERENCES account,
            opened_by uuid CONSTRAINT fk_dispute_opened_by REFERENCES account,
            opened_at timestamptz NOT NULL,
            office_id integer CONSTRAINT fk_dispute_office_id REFERENCES office,
            decided_by uuid CONSTRAINT fk_dispute_decided_by REFERENCES account,
            decided_at timestamptz,
            outcome varchar(24),
            CONSTRAINT ck_dispute_outcome_word CHECK (outcome IN ('seen', 'ended', 'kept')),
            CONSTRAINT ck_dispute_answered_whole CHECK ((decided_at IS NULL) = (decided_by IS NULL)
                AND (decided_at IS NULL) = (office_id IS NULL)
                AND (decided_at IS NULL) = (outcome IS NULL)),
            CONSTRAINT ck_dispute_asked_or_answered CHECK (opened_by IS NOT NULL OR decided_at IS NOT NULL)
        );
        CREATE INDEX ix_dispute_account_id ON dispute (account_id);
        CREATE UNIQUE INDEX uq_dispute_open ON dispute (person_id, account_id, opened_by) WHERE decided_at IS NULL;
        CREATE TRIGGER dispute_own BEFORE INSERT OR UPDATE ON dispute
            FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL) EXECUTE FUNCTION refuse_own('decided_by', 'itself');
        """
    )
