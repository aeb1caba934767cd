"""Draws by schedule: what is due happens, and the next draw is announced. Called every minute by a job."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count
from types import ModuleType
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, select, true
from sqlalchemy.orm import aliased

from booking.country.core.core import Core
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import HOURS_A_DAY, DrawLimits
from booking.platform.base.outages import is_outage
from booking.platform.models import Draw, counts_on_places
from booking.platform.models.states import DrawState
from booking.scheduling.draws.alone import ADVANCING, alone
from booking.scheduling.draws.announce import found, locked, record
from booking.scheduling.draws.beacon import Waits
from booking.scheduling.draws.errors import DrawsFailedError
from booking.transparency.log.log import sequence
from booking.transparency.log.nodes import DamagedLogError

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


SHORTEST_WINDOW: Final = timedelta(hours=1)
"""A draw that is announced stays open at least this long (or half the interval, where draws are more frequent)."""

TOO_LATE: Final = "It was not closed in time: somebody could have known the number that decides."

Step = Callable[[Core, str], Draw]


def advance_draws(core: Core) -> list[str]:
    """Open, close, draw and publish what is due, then announce the next draw where none is ahead.

    Each step is a transaction of its own, so a crash between two of them is made good by the next call. Where another
    process is at it, nothing is done. Nor is anything while the public log cannot go on, as after a restored backup. A
    draw whose step fails says so and is tried again by the next call; the others go on.

    Returns
    -------
    list of str
        What was done, as "2026-11-24 closed"; last, why no more could be done.

    Raises
    ------
    DrawsFailedError
        The step of a draw failed; raised after the others had theirs.
    """
    done: list[str] = []
    failures: list[Exception] = []
    with alone(core, ADVANCING, wait=False) as holder:
        if holder.mine:
            try:
                sequence(core)
                done.extend(_due(core, failures))
                done.extend(_announced(core))
            except DamagedLogError as error:
                done.append(f"the draws wait: {error}")
    if failures:
        raise DrawsFailedError("; ".join(done)) from ExceptionGroup("steps of draws failed", failures)
    return done


def next_closing(after: datetime, limits: DrawLimits, zone: ZoneInfo) -> datetime:
    """Return the first closing after an instant: ``draw_hour`` local time, and every ``draw_every_hours`` around it.

    Intervals of several days are counted from the same day for ever.
    """
    every = limits.draw_every_hours
    hours = sorted((limits.draw_hour + step) % HOURS_A_DAY for step in range(0, HOURS_A_DAY, every))
    days = max(1, every // HOURS_A_DAY)
    first = after.astimezone(zone).date()
    return next(
        closing
        for day in (first + timedelta(days=offset) for offset in range(days + 2))
        if day.toordinal() % days == 0
        for hour in hours
        if (closing := datetime.combine(day, time(hour), zone).astimezone(UTC)) > after
    )


def _due(core: Core, failures: list[Exception]) -> Iterator[str]:
    waiting: list[str] = []
    while (step := _next_step(core, waiting)) is not None:
        act, reference, done = step
        try:
            draw = mended(core, act(core, reference))
        except DamagedLogError:
            raise  # of the log, and so of every draw
        except Exception as error:
            if is_outage(error):
                raise  # so is that of the database
            failures.append(error)  # whatever it is, the other draws go on; raised at the end
            waiting.append(reference)
            yield f"{reference} failed: {say_failed(core, reference, error)}"
            continue
        if draw.waits_for is not None:
            waiting.append(reference)
        if draw.state is DrawState.ABANDONED:
            done = "abandoned"
        yield f"{reference} {done}" if draw.waits_for is None else f"{reference} waits: {draw.waits_for}"


def _close(core: Core, reference: str) -> Draw:
    """Close a draw; give it up where that comes too late, so that no draw is decided by what somebody may know.

    Whoever was late on purpose gains nothing: that was before anybody knew the value.
    """
    from booking.scheduling.draws.closing import is_too_late  # noqa: PLC0415 - as `_draws`

    with core.sessions() as session:
        late = is_too_late(session, core, found(session, reference))
    draws = _draws()
    draw: Draw = (
        draws.abandon(core, reference, reason=TOO_LATE, by="schedule") if late else draws.close(core, reference)
    )
    return draw


def _next_step(core: Core, waiting: Collection[str]) -> tuple[Step, str, str] | None:
    """Return what is due first, of draws that wait for nothing.

    A draw that is closed, or begun to be, is drawn or given up before another closes: both would count on the same
    places and turns.
    """
    now = core.clock.now()
    other = aliased(Draw)
    counts = exists().where(counts_on_places(other), other.id != Draw.id)
    steps: tuple[tuple[DrawState, Any, str, str], ...] = (
        (DrawState.ANNOUNCED, Draw.opens_at <= now, "open_draw", "opened"),
        (DrawState.DRAWN, true(), "publish", "published"),
        (DrawState.CLOSED, true(), "run", "drawn"),
        (DrawState.OPEN, and_(Draw.closes_at <= now, ~counts), "close", "closed"),
    )
    with core.sessions() as session:
        for state, due, act, done in steps:
            reference = session.scalar(
                select(Draw.reference)
                .where(Draw.state == state, due, Draw.reference.not_in(waiting))
                .order_by(Draw.closes_at)
                .limit(1)
            )
            if reference is not None:
                return _close if act == "close" else getattr(_draws(), act), reference, done
    return None


def _draws() -> ModuleType:
    """Load what draws when a draw is due: compiler and solver are a third of what a worker at rest would hold."""
    from booking.scheduling.draws import draw  # noqa: PLC0415 - see above

    return draw


def _announced(core: Core) -> Iterator[str]:
    """Announce the next draw where no draw is ahead; without a quota policy there is nothing to draw yet."""
    now = core.clock.now()
    with core.sessions() as session:
        ahead = session.scalar(select(Draw.id).where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN])).limit(1))
        policy = policy_limits.find_active_limits(session)
        if ahead is not None or policy is None:
            return
        used = set(session.scalars(select(Draw.reference)))
    limits = policy_limits.pick(DrawLimits, policy)
    zone = ZoneInfo(core.pack.country.time_zone)
    window = min(SHORTEST_WINDOW, timedelta(hours=limits.draw_every_hours) / 2)
    closes_at = next_closing(now + window, limits, zone)
    day = closes_at.astimezone(zone).date()
    names = (day.isoformat() + (f"-{number}" if number else "") for number in count())
    first = day + timedelta(days=limits.horizon_lead_days)
    draw = _draws().announce(
        core,
        reference=next(name for name in names if name not in used),
        opens_at=now,
        closes_at=closes_at,
        horizon_first=first,
        horizon_last=first + timedelta(days=limits.horizon_days - 1),
    )
    yield f"{draw.reference} announced"
