"""Open data: the files about each day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "open_data_file",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("schema_version", sa.String(length=12), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "name", name="pk_open_data_file"),
    )
    op.execute("""
        CREATE FUNCTION refuse_open_data_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what is published never changes';
        END $$;
        CREATE TRIGGER open_data_file_stays BEFORE UPDATE OR DELETE ON open_data_file
            FOR EACH ROW EXECUTE FUNCTION refuse_open_data_change();
    """)


def downgrade() -> None:
    op.drop_table("open_data_file")
    op.execute("DROP FUNCTION refuse_open_data_change()")
