"""The next draw as a what-if needs it: who waits already, who is expected to ask, and the slots of its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from allocation import lottery
from booking.country.core.core import Core
from booking.platform.models import Draw
from booking.platform.models.states import DrawState
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.freeze import waiting_leaves
from booking.scheduling.draws.statement import SOLVER_SECONDS
from booking.scheduling.quotas.history import day_slots, read_past
from booking.scheduling.quotas.redraw import DaySlot

SEED_OF_NEXT: Final = b"a draw that has not been".ljust(32, b".")
"""One seed for both policies that are compared; a real draw has its own, which nobody knows before."""
_WEEK: Final = 7
_SOON: Final = timedelta(days=1)
_NOTICE_DAYS: Final = 6
_DAYS: Final = 14


@dataclass(frozen=True, eq=False)
class Next:
    """A draw that has not been: requests as frozen files without places; how many wait and how many are expected."""

    frozen: Frozen
    slots: Sequence[DaySlot]
    waiting: int
    expected: int


def read_next(core: Core) -> Next | None:
    """Return the next draw: the one that is announced or open, or else one like the last; None where nobody ever asked.

    Expected are the requests of the forecast from today until it closes; they wish what people wished in the last draw.
    """
    from booking.scheduling.forecast.next_draw import requests_of_next_draw  # noqa: PLC0415 - loads what learns; only this job does
    from booking.scheduling.forecast.study import study  # noqa: PLC0415 - as above

    told = study(core).outlook
    now = core.clock.now()
    with core.sessions() as session:
        coming, last = _coming(session, now), _last(session)
        past = None if last is None else read_past(session, core, last.reference).frozen
        if coming is None:
            closes_at = now + (_SOON if last is None else last.closes_at - last.opens_at)
            first = closes_at.date() + timedelta(days=_NOTICE_DAYS)
            length = timedelta(days=_DAYS - 1) if last is None else last.horizon_last - last.horizon_first
            until = first + length
        else:
            closes_at, first, until = coming.closes_at, coming.horizon_first, coming.horizon_last
        waiting = waiting_leaves(session, first, until)
        slots = day_slots(session, first, until, core.pack.country.units_per_slot)
    new = []
    if told is not None:
        expected = _expected(told.weeks, core.today(), closes_at.date())
        seed = first.toordinal()
        new = requests_of_next_draw(expected, core.pack, first_day=first, last_day=until, seed=seed, like=past)
    leaves = sorted([*waiting, *new], key=lambda leaf: leaf.receipt)
    if not leaves:
        return None
    facts = {
        **({} if past is None else {name: past.facts[name] for name in ("compensation",) if name in past.facts}),
        "closed_at": closes_at.isoformat(),
        "horizon_first": first.isoformat(),
        "horizon_last": until.isoformat(),
        "mechanism": "exchange" if past is None else past.mechanism.value,
        "solver_seconds": SOLVER_SECONDS,
        "root": lottery.merkle_root([leaf.record() for leaf in leaves]).hex(),
    }
    return Next(Frozen(facts, leaves, ()), slots, waiting=len(waiting), expected=len(new))


def _coming(session: Session, now: datetime) -> Draw | None:
    ahead = (Draw.state.in_((DrawState.ANNOUNCED, DrawState.OPEN)), Draw.closes_at > now)
    return session.scalar(select(Draw).where(*ahead).order_by(Draw.closes_at).limit(1))


def _last(session: Session) -> Draw | None:
    return session.scalar(
        select(Draw)
        .where(Draw.state == DrawState.PUBLISHED, Draw.policy_version.is_not(None))
        .order_by(Draw.closed_at.desc())
        .limit(1)
    )


def _expected(weeks: Any, today: date, until: date) -> Any:
    """Sum what is expected from today until a day, by office and service; each week gives its part."""
    days = [
        max(0, (min(week + timedelta(days=_WEEK), until) - max(week, today)).days) / _WEEK for week in weeks["week"]
    ]
    part = weeks.assign(requests=weeks["mean"] * days)
    return part.groupby(["office", "service"], as_index=False)["requests"].sum()
