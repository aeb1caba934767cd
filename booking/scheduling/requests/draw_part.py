"""What a person sees of their request's part in a draw."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from allocation import Mechanism
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.platform.models import Draw, DrawEntry, QuotaPolicy, Request
from booking.platform.models.base import Json
from booking.platform.models.states import DrawState


@dataclass(frozen=True, slots=True)
class DrawPart:
    """A request's part in a draw: pseudonym and line only once there are any.

    ``has_receipt``: its owner can have a file about it (`booking.scheduling.draws.own_receipt`).
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


def _mechanism(where: Any) -> Any:
    return select(QuotaPolicy.limits["draw_mechanism"].astext).where(where).limit(1).scalar_subquery()


_OF_DRAW: Final = (
    *(Draw.reference, Draw.state, Draw.closes_at, Draw.published_at, Draw.format),
    case(
        (Draw.closed_at.is_(None), _mechanism(QuotaPolicy.active)),
        else_=_mechanism(QuotaPolicy.version == Draw.policy_version),
    ).label("draw_mechanism"),
)
LAST: Final = (
    select(
        *_OF_DRAW,
        *(DrawEntry.leaf_index, DrawEntry.person_draw_id, DrawEntry.priority, DrawEntry.position),
        *(DrawEntry.served, DrawEntry.rank, DrawEntry.explanation),
    )
    .join(DrawEntry, DrawEntry.draw_id == Draw.id)
    .where(DrawEntry.request_id == Request.id, Draw.state.not_in([DrawState.OPEN, DrawState.ABANDONED]))
    .order_by(Draw.closes_at.desc())
    .limit(1)
    .lateral("last")
)
"""The part of a request in the last draw that it took part in and that was not abandoned."""
COMING: Final = (
    select(*_OF_DRAW)
    .where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]), Draw.closes_at > bindparam("now"))
    .order_by(Draw.closes_at)
    .limit(1)
    .subquery("coming")
)
"""The draw that a request made ``now`` will take part in, if one is announced."""
_LAST_OF_ONE: Final = select(*LAST.c).select_from(Request).join(LAST, LAST.c.reference.is_not(None))


def last_draw(session: Session, request: Request) -> DrawPart | None:
    """Return a request's part in the last draw that it took part in and that was not abandoned."""
    return read_part(session.execute(_LAST_OF_ONE.where(Request.id == request.id)).one_or_none())


def read_part(row: Any) -> DrawPart | None:
    """Return the part that a row of `LAST` or `COMING` has; None where there is no draw."""
    if row is None or row.reference is None:
        return None
    limits = {} if row.draw_mechanism is None else {"draw_mechanism": row.draw_mechanism}
    part = DrawPart(
        reference=row.reference,
        state=row.state,
        closes_at=row.closes_at,
        published_at=row.published_at,
        mechanism=policy_limits.pick(DrawLimits, limits).mechanism,
    )
    if not hasattr(row, "leaf_index"):
        return part
    return replace(
        part,
        has_receipt=row.format > 1,
        leaf_index=row.leaf_index,
        person_draw_id=row.person_draw_id.hex(),
        priority=row.priority,
        position=row.position,
        served=row.served,
        rank=row.rank,
        explanation=row.explanation,
    )
