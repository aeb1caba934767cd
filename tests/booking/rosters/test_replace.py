"""A later roster takes its own weeks alone: the other weeks of what was published go on counting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.models import Roster, RosterShift, StaffTerms
from booking.models.offices.roster import RosterState
from booking.rosters.make import publish
from booking.rosters.question import staff_columns, staff_of
from tests.booking.rosters.offices import an_office

A_WEEK = timedelta(days=7)


@pytest.fixture
def office(country):
    return an_office(country, clerks=1)


def solved(office, first_day, weeks, shift):
    """A solved roster in which the clerk has a shift on each Sunday."""
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
        for week in range(weeks):
            day = first_day + week * A_WEEK
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


def test_two_rosters_published_at_once_never_count_on_the_same_day(office):
    sunday = office.next_sunday
    both = [solved(office, sunday, 2, "morning"), solved(office, sunday + A_WEEK, 2, "afternoon")]
    together = Barrier(2)

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
