"""A second factor that was lost can be said so at a counter."""

from alembic import op

revision = "0011_second_factor"
down_revision = "0010_earlier_phones"

old_code_can_run = True
"""New columns that may be empty; the version before waits as if there were none."""


def upgrade() -> None:
    """Keep who compared whom, and refuse officers who do so for themselves, their household or phone."""
    op.execute(
        """
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
