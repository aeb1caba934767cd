"""A later roster takes its own weeks alone: the other weeks of what was published go on counting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.desk.rosters.absent import apply, plan, tell_absent
from booking.desk.rosters.errors import RosterClashError
from booking.desk.rosters.make import publish
from booking.desk.rosters.question import staff_columns, staff_of
from booking.platform.base.errors import IllegalMoveError
from booking.platform.models import Roster, RosterRepair, RosterShift, StaffTerms
from booking.platform.models.offices.roster import RepairState, RosterState
from tests.booking.desk.rosters.offices import an_office
from tests.support.waiting import PATIENCE

A_WEEK = timedelta(days=7)


@pytest.fixture
def office(country):
    return an_office(country, clerks=1)


SUNDAYS, WORK_DAYS = (0,), (0, 1, 2, 3, 4)


def solved(office, first_day, weeks, shift, days=SUNDAYS):
    """A solved roster in which the clerk has a shift on some days of each week, counted from Sunday."""
    with office.core.sessions.begin() as session:
        asked = {"asked_by": office.supervisor, "asked_at": office.core.clock.now()}
        figures = {"served": 9.0, "extra_hour": [float(day) for day in range(7 * weeks)], "most": [1] * 7 * weeks}
        office_id = office.row(office.ask(first_day)).office_id
        roster = Roster(office_id=office_id, first_day=first_day, weeks=weeks, figures=figures, **asked)
        for other in session.scalars(select(Roster).where(Roster.state == RosterState.ASKED)):
            other.move_to(RosterState.DROPPED)
        session.flush()
        session.add(roster)
        session.flush()
        roster.move_to(RosterState.SOLVED)
        for day in (first_day + week * A_WEEK + timedelta(days=each) for week in range(weeks) for each in days):
            session.add(RosterShift(roster_id=roster.id, day=day, account_id=office.clerks[0], shift=shift))
        return roster.id


def counting(office):
    """By Sunday what counts: the shift, and what the page says of the day."""
    with office.core.sessions() as session:
        rows = session.execute(
            select(RosterShift.day, RosterShift.shift, Roster)
            .join(Roster)
            .where(Roster.state == RosterState.PUBLISHED)
            .order_by(RosterShift.day)
        ).all()
        return [(day, shift, one.figures["extra_hour"][(day - one.first_day).days]) for day, shift, one in rows]


def test_a_roster_of_one_week_leaves_the_weeks_around_it_as_they_were(office):
    sunday = office.next_sunday
    whole, one = solved(office, sunday, 4, "morning"), solved(office, sunday + A_WEEK, 1, "afternoon")
    publish(office.core, officer_id=office.supervisor, roster_id=whole)
    publish(office.core, officer_id=office.supervisor, roster_id=one)
    assert office.row(whole).state is RosterState.REPLACED
    assert counting(office) == [
        (sunday, "morning", 0.0),
        (sunday + A_WEEK, "afternoon", 0.0),
        (sunday + 2 * A_WEEK, "morning", 14.0),
        (sunday + 3 * A_WEEK, "morning", 21.0),
    ]


@pytest.mark.parametrize(("hour", "kept"), [(6, 2), (10, 3)])
def test_days_that_have_begun_stay_as_they_were(office, hour, kept):
    sunday = office.next_sunday + A_WEEK
    before = solved(office, sunday - A_WEEK, 3, "morning", WORK_DAYS)
    publish(office.core, officer_id=office.supervisor, roster_id=before)
    late = solved(office, sunday, 1, "afternoon", WORK_DAYS)
    office.begin(sunday + timedelta(days=2), hour)
    publish(office.core, officer_id=office.supervisor, roster_id=late)
    counts = [(day - sunday, shift, figure) for day, shift, figure in counting(office)]
    assert counts == [
        (week * A_WEEK + timedelta(days=day), *expected)
        for week in (-1, 0, 1)
        for day in WORK_DAYS
        for expected in [("afternoon", day) if week == 0 and day >= kept else ("morning", day + 7 * (week + 1))]
    ]
    assert "served" not in office.row(late).figures


def test_late_publishing_invents_no_past_where_nothing_was_published(office):
    sunday = office.next_sunday
    late = solved(office, sunday, 1, "morning", WORK_DAYS)
    office.begin(sunday + timedelta(days=2), 10)
    publish(office.core, officer_id=office.supervisor, roster_id=late)
    assert [(day - sunday).days for day, _, _ in counting(office)] == [3, 4]


@pytest.mark.parametrize("later", [0, 1])
def test_the_running_repair_of_a_day_that_stays_is_carried_out_all_the_same(office, later):
    sunday = office.next_sunday
    publish(office.core, officer_id=office.supervisor, roster_id=solved(office, sunday, 2, "morning", WORK_DAYS))
    other = solved(office, sunday + later * A_WEEK, 1, "afternoon", WORK_DAYS)
    today = sunday + timedelta(days=2)
    office.begin(today, 10)
    repair_id = tell_absent(office.core, officer_id=office.supervisor, absent={office.clerks[0]})
    plan(office.core, repair_id)
    publish(office.core, officer_id=office.supervisor, roster_id=other)
    apply(office.core, officer_id=office.supervisor, repair_id=repair_id)
    assert (today, "morning") not in {(day, shift) for day, shift, _ in counting(office)}
    with office.core.sessions() as session:
        assert session.get_one(RosterRepair, repair_id).state is RepairState.APPLIED


def test_a_roster_whose_last_day_has_begun_is_not_published(office):
    sunday = office.next_sunday
    late = solved(office, sunday, 1, "morning", WORK_DAYS)
    office.begin(sunday + timedelta(days=6), 10)
    with pytest.raises(IllegalMoveError):
        publish(office.core, officer_id=office.supervisor, roster_id=late)
    assert counting(office) == []


@pytest.mark.parametrize("week", [-1, 1])
def test_a_roster_that_breaks_the_law_beside_later_ones_is_not_published(office, week):
    sunday = office.next_sunday + A_WEEK
    made = solved(office, sunday, 1, "morning", (0, 1, 2, 4, 5, 6) if week > 0 else (0, 1, 2, 3))
    beside = solved(office, sunday + week * A_WEEK, 1, "morning", (0, 1, 2, 3) if week > 0 else (4, 5, 6))
    publish(office.core, officer_id=office.supervisor, roster_id=beside)
    with pytest.raises(RosterClashError):
        publish(office.core, officer_id=office.supervisor, roster_id=made)
    assert office.row(made).state is RosterState.SOLVED
    assert len(counting(office)) == len({0, 1, 2, 3} if week > 0 else {4, 5, 6})


def test_two_rosters_published_at_once_never_count_on_the_same_day(office):
    sunday = office.next_sunday
    both = [solved(office, sunday, 2, "morning"), solved(office, sunday + A_WEEK, 2, "afternoon")]
    together = Barrier(2, timeout=PATIENCE)

    def run(roster_id):
        together.wait()
        publish(office.core, officer_id=office.supervisor, roster_id=roster_id)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, both))
    assert [day for day, _, _ in counting(office)] == [sunday + week * A_WEEK for week in range(3)]


def test_no_contract_reaches_beyond_the_longest_week_of_the_law(office):
    spec = office.core.pack.country.roster
    with office.core.sessions.begin() as session:
        session.add(StaffTerms(account_id=office.clerks[0], week_minutes=spec.most_week_minutes + 600, skills=[]))
        session.flush()
        people = staff_of(session, office.row(office.ask()).office_id)
        staff = staff_columns(session, spec, people, office.next_sunday, 7)
    assert (staff.most <= spec.most_week_minutes).all()
    assert (staff.owed <= staff.most).all()
