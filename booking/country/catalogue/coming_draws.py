"""Find draws."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation import Mechanism
from booking.country.policy import limits as policy_limits
from booking.country.policy.draw_limits import DrawLimits
from booking.platform.models import Draw, QuotaPolicy
from booking.platform.models.states import DrawState


def next_draw(session: Session, now: datetime) -> Draw | None:
    """Return the draw that a request made ``now`` will take part in, if one is announced."""
    return session.scalar(
        select(Draw)
        .where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]), Draw.closes_at > now)
        .order_by(Draw.closes_at)
        .limit(1)
    )


def mechanism_of(session: Session, draw: Draw) -> Mechanism:
    """Return how a draw's places are given: by the policy that it closed with; while it is open, by the active one."""
    if draw.closed_at is None:
        limits = policy_limits.find_active_limits(session)
    else:
        limits = session.scalar(select(QuotaPolicy.limits).where(QuotaPolicy.version == draw.policy_version))
    return policy_limits.pick(DrawLimits, limits).mechanism
