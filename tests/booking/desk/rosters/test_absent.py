"""A day is repaired with the least change: planned first, applied as shown, or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from booking.desk.rosters.absent import apply, plan, tell_absent
from booking.desk.rosters.errors import RosterChangedError
from booking.desk.rosters.views import own_shifts, repair_view, today_view
from booking.platform.base.errors import FieldError, ForbiddenError, IllegalMoveError, NotFoundError
from booking.platform.models import AuditEntry, RosterRepair, RosterShift, StaffLeave
from booking.platform.models.offices.roster import RepairState
from tests.booking.desk.rosters.offices import an_office


@pytest.fixture
def office(country):
    office = an_office(country)
    sunday = office.next_sunday
    office.published(sunday)
    office.begin(sunday, hour=6)
    return office


def working(office):
    return {account.id: shift for account, shift in today_view(office.core, officer_id=office.supervisor).shifts}


def planned(office, absent):
    repair_id = tell_absent(office.core, officer_id=office.supervisor, absent={absent})
    plan(office.core, repair_id)
    return repair_id


def test_whoever_is_absent_loses_the_shift_and_others_keep_theirs(office):
    before = working(office)
    absent = next(iter(before))
    repair_id = planned(office, absent)
    assert working(office) == before  # nothing changes before it is applied
    view = repair_view(office.core, officer_id=office.supervisor, repair_id=repair_id)
    apply(office.core, officer_id=office.supervisor, repair_id=repair_id)
    apply(office.core, officer_id=office.supervisor, repair_id=repair_id)  # again: nothing
    after = working(office)
    assert absent not in after
    changed = {change["account"] for change in view.repair.plan["changes"]}
    assert all(after.get(one) == shift for one, shift in before.items() if str(one) not in changed)
    with office.core.sessions() as session:
        kept = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "roster.repaired")).all()
    assert len(kept) == 1


def test_a_shift_that_a_repair_gave_is_shown_as_changed(office):
    before = working(office)
    with office.core.sessions.begin() as session:  # all but one of them are absent, so that somebody has to come
        session.execute(delete(RosterShift).where(RosterShift.account_id.in_(list(before)[1:])))
    repair_id = planned(office, next(iter(before)))
    apply(office.core, officer_id=office.supervisor, repair_id=repair_id)
    for who, code in working(office).items():
        today = own_shifts(office.core, officer_id=who)[0]
        assert (today.code, today.changed) == (code, True)


def test_a_plan_that_is_older_than_the_shifts_is_refused(office):
    absent = next(iter(working(office)))
    repair_id = planned(office, absent)
    with office.core.sessions.begin() as session:
        session.execute(delete(RosterShift).where(RosterShift.account_id == absent))
    with pytest.raises(RosterChangedError):
        apply(office.core, officer_id=office.supervisor, repair_id=repair_id)


def test_a_plan_of_yesterday_changes_nothing(office):
    before = working(office)
    repair_id = planned(office, next(iter(before)))
    office.core.clock.advance(timedelta(days=1))
    with pytest.raises(RosterChangedError):
        apply(office.core, officer_id=office.supervisor, repair_id=repair_id)


@pytest.mark.parametrize("since", ["begun", "on leave"])
def test_a_plan_gives_nobody_a_shift_that_began_or_that_they_may_not_work(office, since):
    shifts = working(office)
    absent, other = list(shifts)[:2]
    repair_id = planned(office, absent)
    with office.core.sessions.begin() as session:
        session.execute(delete(RosterShift).where(RosterShift.account_id == other))
        changes = [{"account": str(other), "was": "", "becomes": "morning"}]  # from eight o'clock on
        repair = session.get_one(RosterRepair, repair_id)
        repair.plan = {**repair.plan, "changes": changes}
        if since == "on leave":
            session.add(StaffLeave(account_id=other, first_day=repair.day, last_day=repair.day))
    if since == "begun":
        office.core.clock.advance(timedelta(hours=3))
    with pytest.raises(RosterChangedError):
        apply(office.core, officer_id=office.supervisor, repair_id=repair_id)
    assert other not in working(office)


def test_telling_again_gives_the_earlier_plan_up(office):
    one, other, *_ = working(office)
    first, second = planned(office, one), planned(office, other)
    with office.core.sessions() as session:
        states = [session.get_one(RosterRepair, each).state for each in (first, second)]
    assert states == [RepairState.DROPPED, RepairState.PLANNED]
    with pytest.raises(IllegalMoveError):
        apply(office.core, officer_id=office.supervisor, repair_id=first)


def test_only_who_has_a_shift_today_can_be_absent_and_only_supervisors_say_so(office):
    with pytest.raises(FieldError):
        tell_absent(office.core, officer_id=office.supervisor, absent=set())
    with pytest.raises(FieldError):
        tell_absent(office.core, officer_id=office.supervisor, absent={an_office(office.core, clerks=1).clerks[0]})
    with pytest.raises(ForbiddenError):
        tell_absent(office.core, officer_id=office.clerks[0], absent={office.clerks[0]})
    office.core.clock.advance(timedelta(days=30))
    with pytest.raises(NotFoundError):
        tell_absent(office.core, officer_id=office.supervisor, absent={office.clerks[0]})
