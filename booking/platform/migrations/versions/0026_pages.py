"""What the page of a request looks up is found by an index, however many requests, appointments and draws are kept."""

from alembic import op

revision = "0026_pages"
down_revision = "0025_notices"

old_code_can_run = True
"""The version before reads the same, only slower without them and no otherwise with them."""


def upgrade() -> None:
    """Index appointments, appeals and urgent cases by their request, and draws by when they close."""
    op.execute(
        """
        CREATE INDEX ix_appointment_request ON appointment (request_id, created_at);
        CREATE INDEX ix_appeal_request ON appeal (request_id, created_at);
        CREATE INDEX ix_urgent_request_request ON urgent_request (request_id, created_at);
        CREATE INDEX ix_draw_closes ON draw (closes_at);
        """
    )
