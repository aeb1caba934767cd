"""A roster as a question for the solver: staff, leave, contracts and demand, in the columns that it reads.

How much is asked for at an office by day and hour, and how sure that is: what a roster is made for.

As in the last weeks by weekday and hour, times what the forecast expects of each week, and never below what is booked
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from allocation.rostering.roster import gains, with_backlog
from allocation.rostering.weeks import Law, Shifts, Staff, Weeks
from booking.country.core.core import Core
from booking.country.packs.fields import minute_of
from booking.country.packs.roster import SUPERVISE, RosterSpec, ShiftSpec
from booking.desk.rosters.errors import RosterClashError
from booking.desk.rosters.rows import absent_from, shifts_between
from booking.platform.models import Account, Office, Roster, RosterShift, Service, StaffLeave, StaffTerms
from booking.platform.models.states import Role

A_DAY = timedelta(days=1)
AROUND = timedelta(days=14)
"""What is read on both sides for rests, days in a row and weeks."""


def allowed_on(
    session: Session, spec: RosterSpec, staff: Sequence[UUID], day: date, *, most: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return (staff × shifts) what keeps rests, days in a row, days off and the longest week on a day.

    Parameters
    ----------
    most
        Minutes a week that each one may work.
    """
    known = shifts_between(session, staff, day - AROUND, day + AROUND)
    others = [
        {on: shift for on, code in known.get(one, {}).items() if on != day and (shift := spec.shift(code)) is not None}
        for one in staff
    ]
    return np.array(
        [
            [_may(spec, around, day, shift, int(longest)) for shift in spec.shifts]
            for around, longest in zip(others, most, strict=True)
        ],
        np.bool_,
    ).reshape(len(staff), len(spec.shifts))


def require_lawful(session: Session, spec: RosterSpec, roster: Roster, first: date) -> None:
    """Refuse a roster that does not fit, from a day on, what was published around its weeks since it was made.

    Raises
    ------
    RosterClashError
        Somebody would have too short a rest, too many days in a row, too few days off or too long a week.
    """
    mine = session.execute(
        select(RosterShift.account_id, RosterShift.day, RosterShift.shift).where(RosterShift.roster_id == roster.id)
    ).all()
    last = roster.first_day + timedelta(days=7 * roster.weeks - 1)
    known = shifts_between(session, list({who for who, _, _ in mine}), first - AROUND, last + AROUND)
    everybody: dict[UUID, dict[date, ShiftSpec]] = {}
    for who, day, code in [*((who, day, code) for who, days in known.items() for day, code in days.items()), *mine]:
        if (shift := spec.shift(code)) is not None:
            everybody.setdefault(who, {})[day] = shift
    for who, day, _ in mine:
        others = dict(everybody.get(who, {}))
        shift = others.pop(day, None)
        if day >= first and shift is not None and not _may(spec, others, day, shift, spec.most_week_minutes):
            raise RosterClashError


def _may(spec: RosterSpec, others: Mapping[date, ShiftSpec], day: date, shift: ShiftSpec, longest: int) -> bool:
    before, after = others.get(day - A_DAY), others.get(day + A_DAY)
    if before is not None and before.minutes_until(shift) < spec.rest_minutes:
        return False
    if after is not None and shift.minutes_until(after) < spec.rest_minutes:
        return False
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    week = [others[sunday + timedelta(days=each)] for each in range(7) if sunday + timedelta(days=each) in others]
    if len(week) + 1 > 7 - spec.days_off or sum(one.paid_minutes for one in week) + shift.paid_minutes > longest:
        return False
    row, back, ahead = 1, day - A_DAY, day + A_DAY
    while back in others:
        row, back = row + 1, back - A_DAY
    while ahead in others:
        row, ahead = row + 1, ahead + A_DAY
    return row <= spec.days_in_a_row


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


_AT_COUNTERS: Final = (Role.OFFICER, Role.SUPERVISOR)


@dataclass(frozen=True, eq=False)
class Question:
    """What the solver is asked, and whom its rows mean (``staff``).

    It counts in units of a counter's time; a person takes ``units_each`` in the mean.
    """

    weeks: Weeks
    staff: Sequence[UUID]
    demand: Demand
    units_each: float


def staff_of(session: Session, office_id: int) -> Sequence[Account]:
    """Return those who serve at an office's counters, by user name."""
    accounts = session.scalars(
        select(Account).where(Account.office_id == office_id, Account.closed_at.is_(None)).order_by(Account.username)
    ).all()
    return [one for one in accounts if any(role in one.roles for role in _AT_COUNTERS)]


def read_question(session: Session, core: Core, roster: Roster, by_week: Mapping[date, float]) -> Question:
    """Return what a roster asks for."""
    office, spec = session.get_one(Office, roster.office_id), core.pack.country.roster
    days, unit = roster.weeks * 7, core.pack.country.unit_minutes
    demand = read_demand(
        session,
        office,
        first=roster.first_day,
        days=days,
        now=core.clock.now(),
        by_week=by_week,
        seed=roster.first_day.toordinal(),
    )
    rate = 60 / unit * demand.shares
    most = max(int(demand.counters.max(initial=0)), 1)
    there = with_backlog(demand.drawn, demand.counters.astype(np.float64) * rate)
    gain = gains(there, rate, most)
    gain[np.arange(most)[None, None, :] >= demand.counters[:, :, None]] = 0.0
    people = staff_of(session, office.id)
    staff = staff_columns(session, spec, people, roster.first_day, days)
    ids = [one.id for one in people]
    for who, day in absent_from(session, office.id, roster.first_day):
        if who in ids and (day - roster.first_day).days < days:
            staff.may[ids.index(who), (day - roster.first_day).days] = False
    return Question(
        Weeks(
            gain=gain,
            needs=np.where(demand.counters[:, :, None] > 0, [one.least for one in spec.skills], 0).astype(np.int64),
            shifts=shift_columns(spec, demand.parts),
            staff=staff,
            law=Law(rest_minutes=spec.rest_minutes, days_in_a_row=spec.days_in_a_row, days_off=spec.days_off),
            overtime=spec.overtime * 60 / unit,
        ),
        ids,
        demand,
        units_each(session),
    )


def units_each(session: Session) -> float:
    """Return the mean units of a person at a counter, over the services that take any."""
    mean = session.scalar(select(func.avg(Service.units)).where(Service.active, Service.units > 0))
    return float(mean or 1.0)


def shift_columns(spec: RosterSpec, parts: npt.NDArray[np.int64]) -> Shifts:
    """Return the pack's kinds of shifts for the hours of an office, each as far as it is open (`Demand.parts`).

    Who starts with the office at half past nine is at a counter for all there is of that hour.
    """
    return Shifts(
        covers=np.array(
            [[one.is_at_counter(first, until) for first, until in parts.tolist()] for one in spec.shifts], np.bool_
        ).reshape(len(spec.shifts), len(parts)),
        starts=np.array([minute_of(one.starts) for one in spec.shifts], np.int64),
        ends=np.array([minute_of(one.ends) for one in spec.shifts], np.int64),
        paid=np.array([one.paid_minutes for one in spec.shifts], np.int64),
    )


def staff_columns(session: Session, spec: RosterSpec, people: Sequence[Account], first: date, days: int) -> Staff:
    """Return what is known of staff for some days: leave, skills, contracts, and published shifts before and after."""
    ids = [one.id for one in people]
    terms = {one.account_id: one for one in session.scalars(select(StaffTerms).where(StaffTerms.account_id.in_(ids)))}
    may = np.ones((len(ids), days), np.bool_)
    last = first + (days - 1) * A_DAY
    for leave in session.scalars(
        select(StaffLeave).where(
            StaffLeave.account_id.in_(ids), StaffLeave.first_day <= last, StaffLeave.last_day >= first
        )
    ):
        begins, ends = max((leave.first_day - first).days, 0), (leave.last_day - first).days + 1
        may[ids.index(leave.account_id), begins:ends] = False
    worked = shifts_between(session, ids, first - AROUND, last + AROUND)
    week = np.array([week_of(spec, terms.get(one)) for one in ids], np.int64).reshape(len(ids), 2)
    return Staff(
        may=may,
        skills=np.array(
            [[can(one, terms.get(one.id), skill.code) for skill in spec.skills] for one in people], np.bool_
        ).reshape(len(ids), len(spec.skills)),
        owed=week[:, 0],
        most=week[:, 1],
        in_a_row=np.array([_in_a_row(worked.get(one, {}), first, -A_DAY) for one in ids], np.int64),
        ended=np.array([_minute(worked.get(one, {}), first - A_DAY, spec, "ends") for one in ids], np.int64),
        follow=np.array([_in_a_row(worked.get(one, {}), last, A_DAY) for one in ids], np.int64),
        begins=np.array([_minute(worked.get(one, {}), last + A_DAY, spec, "starts") for one in ids], np.int64),
    )


def week_of(spec: RosterSpec, terms: StaffTerms | None) -> tuple[int, int]:
    """Return the minutes a week that somebody's contract owes, and the most that may be planned with overtime."""
    owed = min(spec.week_minutes if terms is None else terms.week_minutes, spec.most_week_minutes)
    return owed, min(owed + spec.most_week_minutes - spec.week_minutes, spec.most_week_minutes)


def can(account: Account, terms: StaffTerms | None, skill: str) -> bool:
    """Return whether somebody has a skill, by their role or by what is kept of them."""
    return (skill == SUPERVISE and Role.SUPERVISOR in account.roles) or (terms is not None and skill in terms.skills)


def _in_a_row(worked: Mapping[date, str], day: date, step: timedelta) -> int:
    """Return how many days in a row are worked beside a day, before or after it."""
    count = 0
    while day + (count + 1) * step in worked:
        count += 1
    return count


def _minute(worked: Mapping[date, str], day: date, spec: RosterSpec, side: Literal["starts", "ends"]) -> int:
    shift = spec.shift(worked.get(day, ""))
    return -1 if shift is None else minute_of(getattr(shift, side))
