"""Find draws."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models import Draw
from booking.states import DrawState


def next_draw(session: Session, now: datetime) -> Draw | None:
    """Give the draw that a request made ``now`` will take part in, if one is announced."""
    return session.scalar(
        select(Draw)
        .where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]), Draw.closes_at > now)
        .order_by(Draw.closes_at)
        .limit(1)
    )
