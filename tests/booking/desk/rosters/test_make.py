"""Rosters are asked for, solved within the law, published once, and seen by those whose shifts they are."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.desk.rosters.colleagues import add_leave, end_leave, set_terms
from booking.desk.rosters.make import ask, drop, make, publish
from booking.desk.rosters.views import colleagues, office_rosters, own_shifts, roster_view
from booking.people.calendars.views import make_feed, read_feed
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models import Account, AuditEntry, Office, RosterShift
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.offices.roster import RosterState
from tests.booking.desk.counter.visits import a_supervisor
from tests.booking.desk.rosters.offices import an_office


@pytest.fixture
def office(country):
    return an_office(country)


def days_of(office, account_id):
    return [one.day for one in own_shifts(office.core, officer_id=account_id)]


def test_a_roster_is_solved_and_seen_once_it_is_published(office):
    roster_id = office.solved()
    assert office.row(roster_id).state is RosterState.SOLVED
    assert office.row(roster_id).figures["gap"] < 0.02
    assert days_of(office, office.clerks[0]) == []
    publish(office.core, officer_id=office.supervisor, roster_id=roster_id)
    worked = {who: days_of(office, who) for who in (*office.clerks, office.supervisor)}
    assert any(worked.values())
    rules = office.core.pack.country.roster
    for who, days in worked.items():
        shifts = own_shifts(office.core, officer_id=who)
        assert len(set(days)) == len(days) <= 7 - rules.days_off
        assert sum(one.kind.paid_minutes for one in shifts) <= rules.most_week_minutes
        assert all(day.weekday() not in {4, 5} for day in days)  # closed on Friday and Saturday
    make(office.core, roster_id)  # the job again: nothing changes
    assert {who: days_of(office, who) for who in worked} == worked


def test_shifts_stand_in_the_calendar_of_the_counter_without_a_name(office):
    office.published()
    clerk = next(who for who in office.clerks if days_of(office, who))
    secret = make_feed(office.core, account_id=clerk, kind=FeedKind.COUNTER)
    entries = read_feed(office.core, secret=secret, kinds={FeedKind.COUNTER}).entries
    assert [one.starts_at.date() for one in entries] == days_of(office, clerk)
    assert {one.summary for one in entries} <= {"Shift", "وردية"}


def test_who_goes_to_another_office_sees_no_shifts_of_the_one_they_left(office):
    office.published()
    clerk = next(who for who in office.clerks if days_of(office, who))
    secret = make_feed(office.core, account_id=clerk, kind=FeedKind.COUNTER)
    with office.core.sessions.begin() as session:
        aleppo = session.scalar(select(Office.id).where(Office.code == "aleppo"))
        session.get_one(Account, clerk).office_id = aleppo
    assert days_of(office, clerk) == []
    assert read_feed(office.core, secret=secret, kinds={FeedKind.COUNTER}).entries == []


def test_only_the_later_of_two_published_rosters_of_a_week_counts(office):
    first = office.published()
    second = office.published()
    assert office.row(first).state is RosterState.REPLACED
    with office.core.sessions() as session:
        count = session.scalar(select(func.count()).select_from(RosterShift).where(RosterShift.roster_id == second))
    assert sum(len(days_of(office, who)) for who in (*office.clerks, office.supervisor)) == count


def test_asking_again_gives_up_what_was_not_published(office):
    first = office.ask()
    second = office.ask()
    assert office.row(first).state is RosterState.DROPPED
    make(office.core, first)
    assert office.row(first).state is RosterState.DROPPED
    with pytest.raises(IllegalMoveError):
        publish(office.core, officer_id=office.supervisor, roster_id=second)  # not solved yet
    drop(office.core, officer_id=office.supervisor, roster_id=second)
    make(office.core, second)
    assert roster_view(office.core, officer_id=office.supervisor, roster_id=second).roster.share_done == 0


def test_leave_and_contracts_hold_and_leave_can_be_taken_back(office):
    clerk, sunday = office.clerks[0], office.next_sunday
    add_leave(
        office.core,
        officer_id=office.supervisor,
        account_id=clerk,
        first_day=sunday - timedelta(days=3),
        last_day=sunday + timedelta(days=9),
    )
    set_terms(office.core, officer_id=office.supervisor, account_id=office.clerks[1], week_hours=7, skills=[])
    office.published()
    assert days_of(office, clerk) == []
    assert len(days_of(office, office.clerks[1])) <= 2  # seven hours, and five of overtime
    with pytest.raises(InvalidInputError):  # longer than the law's longest week
        set_terms(office.core, officer_id=office.supervisor, account_id=clerk, week_hours=41, skills=[])
    with office.core.sessions() as session:
        kept = session.scalar(select(AuditEntry.details).where(AuditEntry.action == "roster.leave"))
    assert kept == {"days": 13}  # not which ones: the log outlasts the leave, and the account
    shown = {one.account.id: one for one in colleagues(office.core, officer_id=office.supervisor)}
    assert (shown[office.clerks[1]].week_hours, shown[clerk].week_hours) == (7, 35)
    end_leave(office.core, officer_id=office.supervisor, leave_id=shown[clerk].leave[0].id)
    office.published()
    assert days_of(office, clerk)


def test_rest_and_days_in_a_row_reach_over_published_weeks(office):
    sunday = office.next_sunday
    office.published(sunday)
    office.published(sunday + timedelta(days=7))
    for who in office.clerks:
        days = days_of(office, who)
        for day in days:
            row = [day + timedelta(days=step) for step in range(7)]
            assert not set(row) <= set(days)


def test_what_cannot_be_asked_for_is_refused_with_its_reason(office):
    sunday = office.next_sunday
    for first_day, weeks, reason in (
        (sunday + timedelta(days=1), 1, "not_first_of_week"),
        (sunday - timedelta(days=70), 1, "past_day"),
        (sunday + timedelta(days=140), 1, "too_far"),
        (sunday, 0, "not_between"),
        (sunday, 5, "not_between"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            office.ask(first_day, weeks)
        assert [one.reason for one in refused.value.errors] == [reason]


def test_clerks_and_supervisors_of_other_offices_plan_nothing(office):
    roster_id = office.solved()
    stranger = a_supervisor(office.core, office="aleppo")
    for who in (office.clerks[0], stranger):
        for act in (publish, drop):
            with pytest.raises(ForbiddenError):
                act(office.core, officer_id=who, roster_id=roster_id)
        with pytest.raises(ForbiddenError):
            roster_view(office.core, officer_id=who, roster_id=roster_id)
    with pytest.raises(ForbiddenError):
        ask(office.core, officer_id=office.clerks[0], first_day=office.next_sunday, weeks=1)
    with pytest.raises(NotFoundError):
        set_terms(office.core, officer_id=stranger, account_id=office.clerks[0], week_hours=10, skills=[])
    with pytest.raises(NotFoundError):
        publish(office.core, officer_id=office.supervisor, roster_id=office.supervisor)
    assert office_rosters(office.core, officer_id=stranger).rosters == []


def test_every_step_is_on_the_record(office):
    roster_id = office.published()
    with office.core.sessions() as session:
        steps = session.execute(
            select(AuditEntry.action, AuditEntry.subject)
            .where(AuditEntry.action.like("roster.%"))
            .order_by(AuditEntry.sequence)
        ).all()
        code = session.scalar(select(Office.code).where(Office.id == office.row(roster_id).office_id))
    assert [tuple(one) for one in steps] == [("roster.asked", code), ("roster.published", code)]
