"""Jobs that failed are found without reading all jobs: metrics and the administrators' page ask for them often."""

from collections.abc import Sequence

from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_procrastinate_jobs_failed ON procrastinate_jobs (task_name) WHERE status = 'failed'")


def downgrade() -> None:
    op.execute("DROP INDEX ix_procrastinate_jobs_failed")
