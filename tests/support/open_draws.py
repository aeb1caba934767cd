"""Draws that people can ask for a place of at once."""

from datetime import date, timedelta

from booking.country.core.core import Core
from booking.scheduling.draws import draw as draws


def open_a_draw(core: Core, reference: str, *, in_days: int = 6, days: int = 3) -> date:
    """Announce and open a draw that closes in a day, by default of three days after six; return its first day."""
    now = core.clock.now()
    first = now.date() + timedelta(days=in_days)
    draws.announce(
        core,
        reference=reference,
        opens_at=now,
        closes_at=now + timedelta(days=1),
        horizon_first=first,
        horizon_last=first + timedelta(days=days - 1),
    )
    draws.open_draw(core, reference)
    return first
