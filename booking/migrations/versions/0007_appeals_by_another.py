"""An appeal is answered by someone other than the first decider."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("decided_by", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_appeal_decided_by", "appeal", "account", ["decided_by"], ["id"])
    # Answers from before this rule: the first officer's verdict after the appeal.
    op.execute(
        "UPDATE appeal SET decided_by = (SELECT officer_id FROM verdict WHERE request_id = appeal.request_id "
        "AND officer_id IS NOT NULL AND decided_at >= appeal.created_at ORDER BY decided_at LIMIT 1) "
        "WHERE state <> 'open'"
    )
    op.execute(
        """
        CREATE FUNCTION appeal_is_answered() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.state = 'open' THEN
                RETURN NEW;
            ELSIF NEW.decided_by IS NULL OR NEW.decided_at IS NULL THEN
                RAISE EXCEPTION 'an answer to an appeal names its officer and time';
            ELSIF NEW.decided_by = (SELECT officer_id FROM verdict WHERE id = NEW.verdict_id) THEN
                RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER appeal_answered BEFORE INSERT OR UPDATE ON appeal "
        "FOR EACH ROW EXECUTE FUNCTION appeal_is_answered()"
    )
    op.execute(
        """
        CREATE FUNCTION verdict_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM appeal JOIN verdict AS first ON first.id = appeal.verdict_id
                WHERE appeal.request_id = NEW.request_id AND appeal.state = 'open'
                AND first.officer_id = NEW.officer_id
            ) THEN
                RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER verdict_by_another BEFORE INSERT ON verdict FOR EACH ROW WHEN (NEW.officer_id IS NOT NULL) "
        "EXECUTE FUNCTION verdict_is_by_another()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER verdict_by_another ON verdict")
    op.execute("DROP TRIGGER appeal_answered ON appeal")
    op.execute("DROP FUNCTION verdict_is_by_another")
    op.execute("DROP FUNCTION appeal_is_answered")
    op.drop_column("appeal", "decided_by")
