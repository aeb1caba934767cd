"""How much is asked for at an office by day and hour, and how sure that is: what a roster is made for.

As in the last weeks by weekday and hour, times what the forecast expects of each week, and never below what is booked
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.platform.models import Office

WINDOW: Final = timedelta(weeks=8)
DRAWS: Final = 200
_UNSURE: Final = 0.2
"""Standard deviation of the logarithm of a day's demand around what is expected."""
_FEWEST: Final = 4
"""Days of a weekday from which its past counts; before, the slots' own places do."""
_TAKEN: Final = """
    SELECT s.local_day, extract(hour FROM s.starts_at AT TIME ZONE :zone)::int AS hour,
           coalesce(sum(taken.places), 0) AS units
    FROM slot s LEFT JOIN (
        SELECT p.slot_id, p.places FROM appointment_places p JOIN appointment a ON a.id = p.appointment_id
        WHERE a.state NOT IN ('lapsed', 'cancelled')
        UNION ALL SELECT slot_id, places FROM walk_in WHERE state <> 'gone'
    ) taken ON taken.slot_id = s.id
    WHERE s.office_id = :office AND s.local_day BETWEEN :first AND :last
    GROUP BY 1, 2
"""
_ROOM: Final = """
    SELECT s.local_day, extract(hour FROM s.starts_at AT TIME ZONE :zone)::int AS hour, sum(p.places) AS units,
           max(s.counters) AS counters,
           min(extract(minute FROM s.starts_at AT TIME ZONE :zone))::int AS first,
           max(extract(minute FROM s.starts_at AT TIME ZONE :zone)
               + extract(epoch FROM s.ends_at - s.starts_at) / 60)::int AS until
    FROM slot s JOIN slot_pool p ON p.slot_id = s.id
    WHERE s.office_id = :office AND s.local_day BETWEEN :first AND :last
    GROUP BY 1, 2
"""
Hours = Mapping[tuple[date, int], float]
Rooms = Mapping[tuple[date, int], tuple[float, int, int, int]]
"""By day and hour: units, counters, and the minutes of the hour from and until which there are slots."""


@dataclass(frozen=True, eq=False)
class Demand:
    """``drawn`` (draws × days × hours) units; ``booked`` and ``counters`` (days × hours); hours from ``opens``.

    ``parts`` (hours × 2): the minutes of the day from and until which an hour is open, on whatever of the days: an
    office that opens at half past nine, as in Ramadan, has half of its first hour.
    """

    opens: int
    parts: npt.NDArray[np.int64]
    drawn: npt.NDArray[np.float64]
    booked: npt.NDArray[np.float64]
    counters: npt.NDArray[np.int64]

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """The shares of the hours that are open."""
        return (self.parts[:, 1] - self.parts[:, 0]) / 60.0


def read_demand(
    session: Session, office: Office, *, first: date, days: int, now: datetime, by_week: Mapping[date, float], seed: int
) -> Demand:
    """Return the demand of some days of an office.

    Parameters
    ----------
    by_week
        By first day of a week, how many times as much as in the last weeks the forecast expects.
    """
    today = now.astimezone(ZoneInfo(office.time_zone)).date()
    past = _hours(session, office, _TAKEN, today - WINDOW, today - timedelta(days=1))
    booked = _hours(session, office, _TAKEN, first, first + timedelta(days=days - 1))
    room = _rooms(session, office, first, first + timedelta(days=days - 1))
    hours = sorted({hour for _, hour in room}) or [8]
    opens, count = hours[0], hours[-1] - hours[0] + 1
    by_hour = usual(past)
    mean, there = np.zeros((days, count)), np.zeros((days, count))
    counters = np.zeros((days, count), np.int64)
    parts = np.array([_part(room, hour) for hour in range(opens, opens + count)], np.int64)
    for (day, hour), (places, open_counters, _, _) in room.items():
        row, column = (day - first).days, hour - opens
        week = max((each for each in by_week if each <= day), default=None)
        scale = 1.0 if week is None else by_week[week]
        mean[row, column] = by_hour.get((day.weekday(), hour), places) * scale
        there[row, column] = booked.get((day, hour), 0.0)
        counters[row, column] = open_counters
    rng = np.random.default_rng(seed)
    unsure = np.exp(_UNSURE * rng.standard_normal((DRAWS, days, 1)) - _UNSURE**2 / 2)
    drawn = np.maximum(rng.poisson(mean * unsure), there)
    return Demand(opens, parts, drawn.astype(np.float64), there, counters)


def usual(past: Hours) -> Mapping[tuple[int, int], float]:
    """Return by weekday and hour the mean of the last weeks, where enough of them are known.

    An hour of a day in which nobody came counts as it is; a day on which nobody came at all was none of work.
    """
    of_work = {day for (day, _), units in past.items() if units > 0}
    known: dict[tuple[int, int], list[float]] = {}
    for (day, hour), units in past.items():
        if day in of_work:
            known.setdefault((day.weekday(), hour), []).append(units)
    return {key: float(np.mean(units)) for key, units in known.items() if len(units) >= _FEWEST}


def _hours(session: Session, office: Office, statement: str, first: date, last: date) -> Hours:
    rows = session.execute(
        text(statement), {"zone": office.time_zone, "office": office.id, "first": first, "last": last}
    )
    return {(row.local_day, row.hour): float(row.units) for row in rows}


def _part(room: Rooms, hour: int) -> tuple[int, int]:
    """Return from and until which minutes of the day an hour is open; the whole of one that never is."""
    found = [(first, until) for (_, of), (_, _, first, until) in room.items() if of == hour]
    first, until = min((one for one, _ in found), default=0), max((one for _, one in found), default=60)
    return hour * 60 + first, hour * 60 + min(until, 60)


def _rooms(session: Session, office: Office, first: date, last: date) -> Rooms:
    values = {"zone": office.time_zone, "office": office.id, "first": first, "last": last}
    rows = session.execute(text(_ROOM), values)
    return {(row.local_day, row.hour): (float(row.units), row.counters, row.first, row.until) for row in rows}
