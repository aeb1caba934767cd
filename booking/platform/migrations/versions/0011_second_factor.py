"""A second factor that was lost can be said so at a counter; recovery codes have a salt."""

from alembic import op

revision = "0011_second_factor"
down_revision = "0010_earlier_phones"

old_code_can_run = True
"""New columns that may be empty; to the version before a recovery code that is made from now on is a wrong one."""


def upgrade() -> None:
    """Keep who compared whom, and refuse officers who do so for themselves, their household or phone."""
    op.execute(
        """
        ALTER TABLE recovery_code ADD salt bytea;
        ALTER TABLE lost_factor
            ADD person_id uuid CONSTRAINT fk_lost_factor_person_id REFERENCES person,
            ADD decided_by uuid CONSTRAINT fk_lost_factor_decided_by REFERENCES account,
            ADD stop_hash bytea CONSTRAINT uq_lost_factor_stop_hash UNIQUE,
            ADD CONSTRAINT ck_lost_factor_decided_whole CHECK ((decided_by IS NULL) = (person_id IS NULL)
                AND (decided_by IS NULL) = (stop_hash IS NULL));
        CREATE TRIGGER lost_factor_own BEFORE INSERT OR UPDATE ON lost_factor
            FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL) EXECUTE FUNCTION refuse_own('decided_by', 'itself');
        """
    )
