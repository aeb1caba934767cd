"""All that a page or a command shows of the coming weeks, from the database or from invented years."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from booking.country.core.core import Core
from booking.country.packs.quotas import GateSpec
from booking.country.packs.schema import Pack
from booking.country.policy import limits as policy_limits
from booking.scheduling.forecast.attendance import Attendance, attendance
from booking.scheduling.forecast.history import asked_by_week, came_by_week, coming_slots, party_mix
from booking.scheduling.forecast.outlook import Outlook, outlook
from booking.scheduling.forecast.overbooking import propose
from booking.scheduling.forecast.panel import HistoryError
from booking.scheduling.forecast.seasons import week_of
from booking.scheduling.forecast.simulate import MIX, simulate_attendance, simulate_demand

EXAMPLE_WEEKS: Final = 208
EXAMPLE_SEED: Final = 1


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

    Learning takes seconds: pages read what a job has kept (`booking.scheduling.forecast.kept`).

    Raises
    ------
    booking.platform.base.errors.PolicyMissingError
        No quota policy is active.
    booking.country.figures.read_only.TooMuchAskedError
        Reading takes too long.
    """
    with core.sessions() as session:
        at_most = policy_limits.read(session, GateSpec).overbooking_overflow_most
    if invented:
        known, came = _example(core.pack, week_of(core.pack, core.today()))
    else:
        known, came = asked_by_week(core, core.pack), came_by_week(core, core.pack)
    told = _outlook(known, core.pack) if len(known) else None
    try:
        learned = attendance(came)
    except HistoryError:
        return Study(known, told, None, None, at_most, invented)
    proposals = propose(coming_slots(core), learned.offices, at_most=at_most, mix=party_mix(core))
    return Study(known, told, learned, proposals, at_most, invented)


def _example(pack: Pack, week: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Invent years that end before a week: what was asked, and who came in the last of them."""
    common = pack.model_copy(update={"services": tuple(one for one in pack.services if one.code in MIX)})
    first = week - timedelta(weeks=EXAMPLE_WEEKS)
    known = simulate_demand(common, first_week=first, weeks=EXAMPLE_WEEKS, seed=EXAMPLE_SEED)
    last_year = known[known["week"] >= week - timedelta(weeks=52)]
    return known, simulate_attendance(common, last_year, seed=EXAMPLE_SEED)


def _outlook(known: pd.DataFrame, pack: Pack) -> Outlook | None:
    try:
        return outlook(known, pack)
    except HistoryError:
        return None
