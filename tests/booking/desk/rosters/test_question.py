"""What a roster is made for: the past by weekday and hour, what is booked, and the forecast against the last weeks."""

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Time, cast, delete, func, or_, select

from booking.country.packs.roster import ShiftSpec
from booking.desk.rosters.coming import MOST, forecast_by_week
from booking.desk.rosters.make import make
from booking.desk.rosters.question import read_demand, read_question, staff_columns, staff_of, usual
from booking.platform.models import Office, Roster, RosterShift, Slot, SlotPool
from booking.platform.models.offices.roster import RosterState
from booking.scheduling.forecast.kept import OWN, Kept
from booking.scheduling.forecast.seasons import week_of
from tests.booking.desk.counter.visits import a_visit
from tests.booking.desk.rosters.offices import an_office


@pytest.fixture
def office(country):
    return an_office(country)


def keep_forecast(core, *, lately, coming):
    """Keep a forecast of Damascus, as the nightly job does."""
    week = week_of(core.pack, core.today())
    rows = {"office": "damascus", "service": "passport-renewal"}
    past = [{**rows, "week": week - timedelta(weeks=each), "requests": lately} for each in range(9, 0, -1)]
    ahead = [{**rows, "week": week + timedelta(weeks=each), "mean": coming} for each in range(4)]
    kept = Kept(
        made_at=core.clock.now(),
        week=week,
        at_most=0.0,
        method="recent-mean",
        why="won",
        known=9,
        scores={},
        weeks=pd.DataFrame(ahead),
        history=pd.DataFrame(past),
        absent=None,
        proposals=None,
    )
    core.redis.set("{mawid}:forecast:" + OWN, core.vault.seal(kept.written(), OWN.encode()))


def scales(office):
    roster_id = office.ask()
    with office.core.sessions() as session:
        return forecast_by_week(office.core, session, session.get_one(Roster, roster_id))


def test_a_week_for_which_half_as_much_again_is_expected_counts_so(office):
    assert scales(office) == {}
    keep_forecast(office.core, lately=40, coming=60)
    assert set(scales(office).values()) == {1.5}
    keep_forecast(office.core, lately=4, coming=60)
    assert set(scales(office).values()) == {MOST}


def test_demand_is_never_below_what_is_booked_and_none_where_the_office_is_closed(office):
    a_visit(office.core, days=8)
    first = office.next_sunday
    with office.core.sessions() as session:
        place = session.scalars(select(Office).where(Office.code == "damascus")).one()
        demand = read_demand(
            session, place, first=first, days=14, now=office.core.clock.now(), by_week={first: 0.0}, seed=1
        )
    assert demand.booked.sum() == 1
    assert (demand.drawn >= demand.booked).all()
    assert demand.drawn.max() == 1  # nothing else is expected
    closed = [day for day in range(14) if (first + timedelta(days=day)).weekday() in {4, 5}]
    assert not demand.counters[closed].any()
    assert not demand.drawn[:, closed].any()


def test_counters_that_an_office_has_not_are_worth_nothing(office):
    roster_id = office.ask()
    with office.core.sessions() as session:
        roster = session.get_one(Roster, roster_id)
        question = read_question(session, office.core, roster, {})
    counters = question.demand.counters
    worth = (question.weeks.gain > 0).sum(axis=2)
    assert (worth <= counters).all()
    assert np.array_equal(question.weeks.needs[:, :, 0] > 0, counters > 0)
    assert len(question.staff) == len(office.clerks) + 1


def opens_late(core, first, days):
    """Let Damascus be open from 9:30 to 13:30, as in Ramadan."""
    local = func.timezone(Office.time_zone, Slot.starts_at)
    closed = (
        select(Slot.id)
        .join(Office, Office.id == Slot.office_id)
        .where(Office.code == "damascus", Slot.local_day.between(first, first + timedelta(days=days - 1)))
        .where(or_(cast(local, Time) < time(9, 30), cast(local, Time) >= time(13, 30)))
    )
    with core.sessions.begin() as session:
        session.execute(delete(SlotPool).where(SlotPool.slot_id.in_(closed)))


def test_an_office_that_opens_at_half_past_has_half_an_hour_that_its_shifts_cover(office):
    opens_late(office.core, office.next_sunday, 7)
    pack = office.core.pack
    shift = ShiftSpec(code="ramadan", starts=time(9, 30), ends=time(13, 30))
    roster = pack.country.roster.model_copy(update={"shifts": (shift,)})
    country = pack.country.model_copy(update={"roster": roster})
    core = replace(office.core, pack=pack.model_copy(update={"country": country}))
    roster_id = office.ask()
    with core.sessions() as session:
        question = read_question(session, core, session.get_one(Roster, roster_id), {})

    assert question.demand.parts[[0, -1]].tolist() == [[9 * 60 + 30, 10 * 60], [13 * 60, 13 * 60 + 30]]
    assert question.demand.shares[[0, 1, -1]].tolist() == [0.5, 1.0, 0.5]
    assert question.weeks.shifts.covers.all(), "who comes and goes with the office lacks at no hour of it"
    open_days = question.demand.counters[:, 0] > 0
    served = question.weeks.gain.max(axis=2)[open_days].max(axis=0)
    assert served[0] <= 60 / pack.country.unit_minutes / 2 < served[1:-1].max()

    make(core, roster_id)
    assert office.row(roster_id).figures["lacking"] == 0


def test_shifts_published_before_and_after_the_weeks_are_known(office):
    first, week = office.next_sunday + timedelta(weeks=1), timedelta(weeks=1)
    made = {"office_id": office.row(office.ask()).office_id, "weeks": 1, "asked_by": office.supervisor}
    with office.core.sessions.begin() as session:
        for sunday, days, shift in ((first - week, (5, 6), "afternoon"), (first + week, (0, 1, 2), "morning")):
            published = {"state": RosterState.PUBLISHED, "asked_at": office.core.clock.now()}
            roster = Roster(first_day=sunday, **made, **published)
            session.add(roster)
            session.flush()
            for day in (sunday + timedelta(days=each) for each in days):
                session.add(RosterShift(roster_id=roster.id, day=day, account_id=office.clerks[0], shift=shift))
        session.flush()
        people = staff_of(session, made["office_id"])
        staff = staff_columns(session, office.core.pack.country.roster, people, first, 7)
    row = [one.id for one in people].index(office.clerks[0])
    assert (staff.in_a_row[row], staff.ended[row]) == (2, 16 * 60)
    assert (staff.follow[row], staff.begins[row]) == (3, 8 * 60)
    assert staff.follow.sum() == 3


def test_an_hour_in_which_nobody_came_counts_and_a_day_without_work_does_not():
    sundays = [date(2026, 10, 4) + timedelta(weeks=week) for week in range(5)]
    past = {(day, hour): 8.0 * (hour == 8 or day == sundays[0]) for day in sundays[:4] for hour in (8, 9)}
    past |= {(sundays[4], hour): 0.0 for hour in (8, 9)}  # a holiday
    assert usual(past) == {(6, 8): 8.0, (6, 9): 2.0}
    assert usual({key: units for key, units in past.items() if key[0] != sundays[1]}) == {}  # three days are too few
