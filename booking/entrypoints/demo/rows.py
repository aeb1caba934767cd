"""What the play reads from the database: who took part in a draw, and who was offered what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import Appointment, Draw, DrawEntry, Request


def took_part(core: Core, draw: str) -> Sequence[str]:
    """Return the references of the requests that took part in a draw."""
    with core.sessions() as session:
        return session.scalars(
            select(Request.reference)
            .join(DrawEntry, DrawEntry.request_id == Request.id)
            .join(Draw, Draw.id == DrawEntry.draw_id)
            .where(Draw.reference == draw)
        ).all()


def offers_of(core: Core, draw: str) -> list[tuple[str, str, datetime]]:
    """Return request, appointment and by when to confirm, of each offer that a draw made."""
    with core.sessions() as session:
        rows = session.execute(
            select(Request.reference.label("request"), Appointment.reference, Appointment.confirm_by)
            .join(Request, Request.id == Appointment.request_id)
            .join(Draw, Draw.id == Appointment.draw_id)
            .where(Draw.reference == draw)
        ).all()
    return [(row.request, row.reference, row.confirm_by) for row in rows]
