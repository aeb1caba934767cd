"""Draws by schedule: what is due happens, and the next draw is announced. Called every minute by a job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, true

from booking.core import Core
from booking.models import Draw, QuotaPolicy
from booking.models.base import Json
from booking.services import draw as draws
from booking.states import DrawState

DEFAULTS: Final[Json] = {
    "draw_every_hours": 24,
    "draw_hour": 20,
    "horizon_lead_days": 5,
    "horizon_days": 14,
}
"""When draws close (local hour of the country) and over which days; the active quota policy may say otherwise."""

SHORTEST_WINDOW: Final = timedelta(hours=1)
"""A draw that is announced stays open at least this long (or half the interval, where draws are more frequent)."""

_ADVANCING: Final = 0x616476616E6365  # "advance"
_HOURS_A_DAY: Final = 24
Step = Callable[[Core, str], Draw]


def advance_draws(core: Core) -> list[str]:
    """Open, close, draw and publish what is due, then announce the next draw where none is ahead.

    Each step is a transaction of its own, so a crash between two of them is made good by the next call. Where another
    process is at it, nothing is done.

    Returns
    -------
    list of str
        What was done, as "2026-11-24 closed".
    """
    with _alone(core) as alone:
        return [*_due(core), *_announced(core)] if alone else []


def next_closing(after: datetime, limits: Json, zone: ZoneInfo) -> datetime:
    """Give the first closing after an instant: ``draw_hour`` local time, and every ``draw_every_hours`` around it.

    Less than a day must divide a day; more must be whole days, counted from the same day for ever.

    Raises
    ------
    ValueError
        The interval is neither.
    """
    every = int(limits["draw_every_hours"])
    if every < 1 or (_HOURS_A_DAY % every and every % _HOURS_A_DAY):
        raise ValueError(f"draw_every_hours is {every}: neither a divisor of a day nor whole days")
    hours = sorted((int(limits["draw_hour"]) + step) % _HOURS_A_DAY for step in range(0, _HOURS_A_DAY, every))
    days = max(1, every // _HOURS_A_DAY)
    first = after.astimezone(zone).date()
    return next(
        closing
        for day in (first + timedelta(days=offset) for offset in range(days + 2))
        if day.toordinal() % days == 0
        for hour in hours
        if (closing := datetime.combine(day, time(hour), zone).astimezone(UTC)) > after
    )


def _due(core: Core) -> Iterator[str]:
    while (step := _next_step(core)) is not None:
        act, reference, done = step
        act(core, reference)
        yield f"{reference} {done}"


def _next_step(core: Core) -> tuple[Step, str, str] | None:
    """Give what is due first. A closed draw is drawn before another may close: both would count on the same places."""
    now = core.clock.now()
    steps: tuple[tuple[DrawState, Any, Step, str], ...] = (
        (DrawState.ANNOUNCED, Draw.opens_at <= now, draws.open_draw, "opened"),
        (DrawState.DRAWN, true(), draws.publish, "published"),
        (DrawState.CLOSED, true(), draws.run, "drawn"),
        (DrawState.OPEN, Draw.closes_at <= now, draws.close, "closed"),
    )
    with core.sessions() as session:
        for state, due, act, done in steps:
            reference = session.scalar(
                select(Draw.reference).where(Draw.state == state, due).order_by(Draw.closes_at).limit(1)
            )
            if reference is not None:
                return act, reference, done
    return None


def _announced(core: Core) -> Iterator[str]:
    """Announce the next draw where no draw is ahead; without a quota policy there is nothing to draw yet."""
    now = core.clock.now()
    with core.sessions() as session:
        ahead = session.scalar(select(Draw.id).where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN])).limit(1))
        policy = session.scalar(select(QuotaPolicy.limits).where(QuotaPolicy.active))
        if ahead is not None or policy is None:
            return
        used = set(session.scalars(select(Draw.reference)))
    limits = DEFAULTS | dict(policy)
    zone = ZoneInfo(core.pack.country.time_zone)
    window = min(SHORTEST_WINDOW, timedelta(hours=int(limits["draw_every_hours"])) / 2)
    closes_at = next_closing(now + window, limits, zone)
    day = closes_at.astimezone(zone).date()
    names = (day.isoformat() + (f"-{number}" if number else "") for number in count())
    first = day + timedelta(days=int(limits["horizon_lead_days"]))
    draw = draws.announce(
        core,
        reference=next(name for name in names if name not in used),
        opens_at=now,
        closes_at=closes_at,
        horizon_first=first,
        horizon_last=first + timedelta(days=int(limits["horizon_days"]) - 1),
    )
    yield f"{draw.reference} announced"


@contextmanager
def _alone(core: Core) -> Iterator[bool]:
    """Tell whether no other process advances draws; the lock is the connection's, so it ends with the process."""
    with core.sessions() as session:
        # in autocommit mode the connection waits outside of any transaction, however long a draw takes
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        mine = bool(session.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _ADVANCING}))
        try:
            yield mine
        finally:
            if mine:
                session.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _ADVANCING})
