"""A roster as a question for the solver: staff, leave, contracts and demand, in the columns that it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from allocation.rostering.expected import gains, with_backlog
from allocation.rostering.weeks import Law, Shifts, Staff, Weeks
from booking.country.core.core import Core
from booking.country.packs.fields import minute_of
from booking.country.packs.roster import SUPERVISE, RosterSpec
from booking.desk.rosters.demand import Demand, read_demand
from booking.desk.rosters.law import A_DAY, AROUND
from booking.desk.rosters.rows import absent_from, shifts_between
from booking.platform.models import Account, Office, Roster, Service, StaffLeave, StaffTerms
from booking.platform.models.states import Role

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
