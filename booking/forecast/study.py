"""All that a page or a command shows of the coming weeks, from the database or from invented years."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, Generic, TypeVar

import pandas as pd
from typing_extensions import override

from booking.core.core import Core
from booking.forecast.attendance import Attendance, attendance
from booking.forecast.history import asked_by_week, came_by_week, coming_slots, party_mix
from booking.forecast.outlook import Outlook, outlook
from booking.forecast.overbooking import propose
from booking.forecast.panel import HistoryError
from booking.forecast.seasons import week_of
from booking.forecast.simulate import MIX, simulate_attendance, simulate_demand
from booking.packs.quotas import GateSpec
from booking.packs.schema import Pack
from booking.policy import limits as policy_limits

EXAMPLE_WEEKS: Final = 208
EXAMPLE_SEED: Final = 1
_Content = TypeVar("_Content", pd.DataFrame, date)


@dataclass(frozen=True, eq=False)
class Study:
    """``history`` and ``outlook`` of demand, ``attendance`` and ``proposals`` for overbooking; None where unknown.

    ``at_most`` is the policy's bound on the chance that more units come than a slot's places for the draw.
    """

    history: pd.DataFrame
    outlook: Outlook | None
    attendance: Attendance | None
    proposals: pd.DataFrame | None
    at_most: float
    invented: bool


def study(core: Core, *, invented: bool = False) -> Study:
    """Forecast from what the database knows, or from an invented example of four years that ends this week.

    Learning takes seconds; as long as the history is the same, what was learned is kept.

    Raises
    ------
    booking.base.errors.PolicyMissingError
        No quota policy is active.
    booking.figures.read_only.TooMuchAskedError
        Reading takes too long.
    """
    with core.sessions() as session:
        at_most = policy_limits.read(session, GateSpec).overbooking_overflow_most
    if invented:
        known, came = _example(_Once(core.pack, week_of(core.pack, core.today())))
    else:
        known, came = asked_by_week(core, core.pack), came_by_week(core, core.pack)
    told = _outlook(_Once(core.pack, known)) if len(known) else None
    try:
        learned = attendance(came)
    except HistoryError:
        return Study(known, told, None, None, at_most, invented)
    proposals = propose(coming_slots(core), learned.offices, at_most=at_most, mix=party_mix(core))
    return Study(known, told, learned, proposals, at_most, invented)


class _Once(Generic[_Content]):
    """Something to be worked out once: equal content counts as the same."""

    def __init__(self, pack: Pack, content: _Content) -> None:
        self.pack = pack
        self.content: _Content = content
        seen = content.to_csv() if isinstance(content, pd.DataFrame) else content.isoformat()
        self._digest = sha256(f"{pack.model_dump_json()}\n{seen}".encode()).digest()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once) and self._digest == other._digest

    @override
    def __hash__(self) -> int:
        return hash(self._digest)


@lru_cache(maxsize=2)
def _outlook(once: _Once[pd.DataFrame]) -> Outlook | None:
    try:
        return outlook(once.content, once.pack)
    except HistoryError:
        return None


@lru_cache(maxsize=1)
def _example(once: _Once[date]) -> tuple[pd.DataFrame, pd.DataFrame]:
    common = once.pack.model_copy(
        update={"services": tuple(service for service in once.pack.services if service.code in MIX)}
    )
    first = once.content - timedelta(weeks=EXAMPLE_WEEKS)
    known = simulate_demand(common, first_week=first, weeks=EXAMPLE_WEEKS, seed=EXAMPLE_SEED)
    last_year = known[known["week"] >= once.content - timedelta(weeks=52)]
    return known, simulate_attendance(common, last_year, seed=EXAMPLE_SEED)
