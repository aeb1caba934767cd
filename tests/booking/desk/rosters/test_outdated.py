"""What changed since a roster was made is named shift by shift, and nothing of it is published."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from booking.desk.rosters.absent import tell_absent
from booking.desk.rosters.colleagues import add_leave, end_leave, set_terms
from booking.desk.rosters.errors import RosterOutdatedError
from booking.desk.rosters.make import make, publish
from booking.desk.rosters.views import colleagues, roster_view
from booking.platform.models import Account, AuditEntry, Office, RosterShift
from booking.platform.models.offices.roster import RosterState
from booking.platform.models.states import Role
from tests.booking.desk.rosters.offices import an_office
from tests.support.meanwhile import let_wait, refused_after, right_after
from tests.support.waiting import ended

A_DAY = timedelta(days=1)


@pytest.fixture
def office(country):
    return an_office(country, clerks=2)


def shifts(office, roster_id, who):
    with office.core.sessions() as session:
        mine = RosterShift.roster_id == roster_id, RosterShift.account_id == who
        return sorted(session.scalars(select(RosterShift.day).where(*mine)))


def name_of(office, who):
    with office.core.sessions() as session:
        return session.get_one(Account, who).username


def outdated(office, roster_id):
    view = roster_view(office.core, officer_id=office.supervisor, roster_id=roster_id)
    return [(one.day, one.username, one.why.value) for one in view.outdated]


def refuse_to_publish(office, roster_id):
    with office.core.sessions() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))
    with pytest.raises(RosterOutdatedError):
        publish(office.core, officer_id=office.supervisor, roster_id=roster_id)
    with office.core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert office.row(roster_id).state is RosterState.SOLVED


def go_on_leave(office, who, first, last):
    add_leave(office.core, officer_id=office.supervisor, account_id=who, first_day=first, last_day=last)


def test_leave_since_it_was_made_stops_it_until_it_is_made_again(office):
    published, sunday = office.published(), office.next_sunday
    roster_id = office.solved()
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    mine = shifts(office, roster_id, clerk)
    assert outdated(office, roster_id) == []
    go_on_leave(office, clerk, mine[0], mine[0] + A_DAY)
    expected = [(day, name_of(office, clerk), "leave") for day in mine if day <= mine[0] + A_DAY]
    assert outdated(office, roster_id) == expected
    refuse_to_publish(office, roster_id)
    assert office.row(published).state is RosterState.PUBLISHED, "what counted goes on counting"

    again = office.published(sunday)
    assert outdated(office, again) == []
    assert not {mine[0], mine[0] + A_DAY} & set(shifts(office, again, clerk))


def test_leave_beside_its_shifts_or_taken_back_stops_nothing(office):
    roster_id, sunday = office.solved(), office.next_sunday
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    free = next(
        day for day in (sunday + each * A_DAY for each in range(7)) if day not in shifts(office, roster_id, clerk)
    )
    go_on_leave(office, clerk, free, free)
    go_on_leave(office, clerk, sunday - 9 * A_DAY, sunday - A_DAY)
    go_on_leave(office, clerk, sunday + 7 * A_DAY, sunday + 9 * A_DAY)
    assert outdated(office, roster_id) == []
    go_on_leave(office, clerk, sunday, sunday + 6 * A_DAY)
    refuse_to_publish(office, roster_id)
    people = {one.account.id: one for one in colleagues(office.core, officer_id=office.supervisor)}
    whole = next(one for one in people[clerk].leave if one.first_day == sunday)
    end_leave(office.core, officer_id=office.supervisor, leave_id=whole.id)
    publish(office.core, officer_id=office.supervisor, roster_id=roster_id)


def moved(account, session):
    account.office_id = session.scalar(select(Office.id).where(Office.code == "aleppo"))


def closed(account, session):
    account.closed_at = account.created_at


def gets_other_work(account, session):
    account.roles = [Role.ANALYST]


@pytest.mark.parametrize("change", [moved, closed, gets_other_work])
def test_who_left_moved_or_has_other_work_is_named_with_each_shift(office, change):
    roster_id = office.solved()
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    mine = shifts(office, roster_id, clerk)
    with office.core.sessions.begin() as session:
        change(session.get_one(Account, clerk), session)
    assert outdated(office, roster_id) == [(day, name_of(office, clerk), "left") for day in mine]
    refuse_to_publish(office, roster_id)


def test_who_was_said_to_be_absent_gets_no_shift_of_the_day_by_another_roster(office):
    sunday = office.next_sunday
    office.published(sunday)
    office.begin(sunday, hour=6)
    late = office.solved(sunday)
    absent = next(who for who in office.clerks if sunday in shifts(office, late, who))
    tell_absent(office.core, officer_id=office.supervisor, absent=[absent])
    assert (sunday, name_of(office, absent), "absent") in outdated(office, late)
    refuse_to_publish(office, late)
    again = office.ask(sunday)
    make(office.core, again)
    assert sunday not in shifts(office, again, absent)
    publish(office.core, officer_id=office.supervisor, roster_id=again)
    last = office.solved(sunday)
    assert sunday not in shifts(office, last, absent), "what was said while another roster counted holds"


def test_leave_after_it_was_published_is_named_on_its_page(office):
    roster_id = office.published()
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    day = shifts(office, roster_id, clerk)[0]
    go_on_leave(office, clerk, day, day)
    assert outdated(office, roster_id) == [(day, name_of(office, clerk), "leave")]


def test_leave_that_is_just_being_kept_is_waited_for(office):
    roster_id = office.solved()
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    day, refused = shifts(office, roster_id, clerk)[0], []

    def publishes():
        try:
            publish(office.core, officer_id=office.supervisor, roster_id=roster_id)
        except RosterOutdatedError as error:
            refused.append(error)

    publisher = Thread(target=publishes)
    with right_after(office.core, "INSERT INTO staff_leave", lambda: let_wait(office.core, publisher)):
        go_on_leave(office, clerk, day, day)
    ended(publisher)
    assert refused
    assert office.row(roster_id).state is RosterState.SOLVED


def test_who_moves_while_it_is_published_is_waited_for(office):
    roster_id = office.solved()
    clerk = next(who for who in office.clerks if shifts(office, roster_id, who))
    refused = refused_after(
        office.core,
        lambda session: moved(session.get_one(Account, clerk), session),
        lambda: publish(office.core, officer_id=office.supervisor, roster_id=roster_id),
    )
    assert isinstance(refused, RosterOutdatedError)


def with_terms(office, who, hours, *skills):
    set_terms(office.core, officer_id=office.supervisor, account_id=who, week_hours=hours, skills=skills)


def test_fewer_hours_by_contract_stop_each_week_that_is_too_long_now(office):
    roster_id = office.solved()
    clerk = next(who for who in office.clerks if len(shifts(office, roster_id, who)) > 3)
    mine = shifts(office, roster_id, clerk)
    with_terms(office, clerk, 40)
    assert outdated(office, roster_id) == [], "who may work longer can work what was planned"
    with_terms(office, clerk, 10)
    assert outdated(office, roster_id) == [(day, name_of(office, clerk), "hours") for day in mine]
    refuse_to_publish(office, roster_id)

    again = office.published(office.next_sunday)
    assert outdated(office, again) == []
    assert len(shifts(office, again, clerk)) < len(mine)


def test_a_lost_skill_stops_the_days_on_which_too_few_others_have_it(office):
    deputy = office.clerks[0]
    with_terms(office, deputy, 35, "supervise")
    roster_id = office.solved()
    mine, supervisors = (set(shifts(office, roster_id, who)) for who in (deputy, office.supervisor))
    assert outdated(office, roster_id) == []
    with_terms(office, deputy, 35)
    found = outdated(office, roster_id)
    named = {day for day, *who in found if who == [name_of(office, deputy), "skill"]}
    assert len(found) == len(named) > 0
    assert mine - supervisors <= named <= mine
    refuse_to_publish(office, roster_id)

    with_terms(office, deputy, 35, "supervise")
    publish(office.core, officer_id=office.supervisor, roster_id=roster_id)


def test_a_skill_that_nobody_had_when_it_was_made_is_not_missed_later(office):
    roster_id = office.solved()
    for who in office.clerks:
        with_terms(office, who, 35)
    assert outdated(office, roster_id) == []
