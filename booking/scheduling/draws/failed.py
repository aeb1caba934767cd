"""Draws whose next step failed: they say so until it works, and what kind of error it was."""

from typing import Final

from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.beacon import Waits
from booking.scheduling.draws.rows import locked, record

_ENDED: Final = frozenset({DrawState.PUBLISHED, DrawState.ABANDONED})
_NO_FAILURE: Final = frozenset(map(str, Waits))
_LONGEST: Final = 24


def say_failed(core: Core, reference: str, error: Exception) -> str:
    """Keep that a draw's step failed, once for each kind of error; return the kind: its class, never its words."""
    kind = type(error).__name__[:_LONGEST]
    with core.sessions.begin() as session:
        draw = locked(session, reference)
        if draw.state not in _ENDED and draw.waits_for != kind:
            draw.waits_for = kind
            record(session, core, draw, "failed", error=kind)
    return kind


def mended(core: Core, draw: Draw) -> Draw:
    """Return a draw after a step that worked, which says of no earlier one any more that it failed."""
    if draw.waits_for is None or draw.waits_for in _NO_FAILURE:
        return draw
    with core.sessions.begin() as session:
        now = locked(session, draw.reference)
        now.waits_for = None
        return now


def held_up(core: Core) -> dict[str, int]:
    """Return how many draws are kept from their next step, by what keeps them."""
    with core.sessions() as session:
        found = session.scalars(select(Draw.waits_for).where(Draw.waits_for.is_not(None), Draw.state.not_in(_ENDED)))
        reasons = [str(one) for one in found]
    return {reason: reasons.count(reason) for reason in {*_NO_FAILURE, *reasons}}
