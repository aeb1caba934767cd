"""A draft is proposed by somebody, or one person could activate it alone; people at risk are reminded early."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        """
        CREATE OR REPLACE FUNCTION version_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE others boolean;
        BEGIN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', TG_TABLE_NAME) INTO others;
            IF NEW.bootstrap AND others THEN
                RAISE EXCEPTION 'only the very first version needs no second person';
            ELSIF NOT NEW.bootstrap AND NEW.state <> 'draft' THEN
                RAISE EXCEPTION 'a version begins as a draft';
            ELSIF NOT NEW.bootstrap AND NEW.created_by IS NULL THEN
                RAISE EXCEPTION 'a draft is proposed by somebody';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.add_column("appointment", sa.Column("reminded_early_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("appointment", "reminded_early_at")
