"""What a person sees of their request's part in a draw."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation import Mechanism
from booking.catalogue.coming_draws import mechanism_of
from booking.models import Draw, DrawEntry, Request
from booking.models.base import Json
from booking.models.states import DrawState


@dataclass(frozen=True, slots=True)
class DrawPart:
    """A request's part in a draw: pseudonym and line only once there are any.

    ``has_receipt``: its owner can have a file about it (`booking.draws.own_receipt`).
    """

    reference: str
    state: DrawState
    closes_at: datetime
    published_at: datetime | None
    mechanism: Mechanism
    has_receipt: bool = False
    leaf_index: int | None = None
    person_draw_id: str | None = None
    priority: int | None = None
    position: int | None = None
    served: bool | None = None
    rank: int | None = None
    explanation: Json = field(default_factory=dict)


def last_draw(session: Session, request: Request) -> DrawPart | None:
    """Return a request's part in the last draw that it took part in and that was not abandoned."""
    row = session.execute(
        select(Draw, DrawEntry)
        .join(DrawEntry, DrawEntry.draw_id == Draw.id)
        .where(DrawEntry.request_id == request.id, Draw.state != DrawState.ABANDONED)
        .order_by(Draw.closes_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    draw, entry = row
    return DrawPart(
        reference=draw.reference,
        has_receipt=draw.format > 1,
        state=draw.state,
        closes_at=draw.closes_at,
        published_at=draw.published_at,
        mechanism=mechanism_of(session, draw),
        leaf_index=entry.leaf_index,
        person_draw_id=entry.person_draw_id.hex(),
        priority=entry.priority,
        position=entry.position,
        served=entry.served,
        rank=entry.rank,
        explanation=entry.explanation,
    )
