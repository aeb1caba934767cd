"""An appeal ends with its request; a closed account is given no turn, and what it is refused has a name."""

from alembic import op

revision = "0012_closing"
down_revision = "0011_second_factor"

old_code_can_run = False
"""The version before cannot read an appeal that ended with its request."""


def upgrade() -> None:
    """Appeals whose request ended before they were answered end now: nobody can answer them any more."""
    op.execute(
        """
        ALTER TABLE appeal DROP CONSTRAINT ck_appeal_state_word;
        ALTER TABLE appeal ADD CONSTRAINT ck_appeal_state_word
            CHECK (state IN ('open', 'upheld', 'rejected', 'withdrawn'));

        CREATE OR REPLACE FUNCTION appeal_is_answered() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state = 'open' THEN
                RETURN NEW;
            ELSIF NEW.state = 'withdrawn' THEN
                IF NEW.decided_by IS NOT NULL OR (TG_OP = 'UPDATE' AND OLD.state NOT IN ('open', 'withdrawn')) THEN
                    RAISE EXCEPTION 'an appeal that was answered is not withdrawn';
                END IF;
            ELSIF NEW.decided_by IS NULL OR NEW.decided_at IS NULL THEN
                RAISE EXCEPTION 'an answer to an appeal names its officer and time';
            ELSIF same_person(NEW.decided_by, (SELECT officer_id FROM verdict WHERE id = NEW.verdict_id)) THEN
                RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
            END IF;
            RETURN NEW;
        END $$;

        UPDATE appeal SET state = 'withdrawn'
        FROM request WHERE request.id = appeal.request_id AND appeal.state = 'open' AND request.state <> 'under_review';

        CREATE OR REPLACE FUNCTION account_is_not_left() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            left_by_owner boolean;
        BEGIN
            SELECT closed_by_owner INTO left_by_owner FROM account WHERE id = NEW.account_id FOR SHARE;
            IF left_by_owner THEN
                RAISE EXCEPTION 'account: nothing begins in an account that its owner closed'
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'account_is_not_left';
            END IF;
            RETURN NEW;
        END $$;

        -- A turn that goes to another account does not go to one that is closed.
        CREATE TRIGGER request_to_open_account BEFORE UPDATE OF account_id ON request
            FOR EACH ROW EXECUTE FUNCTION account_is_not_left();
        """
    )
