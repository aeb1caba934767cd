"""A supervisor sees who lets others go first, beside all colleagues; an honest clerk is as expected."""

import pytest
from sqlalchemy import select

from booking.antifraud.watching.limits import Standing
from booking.country.core import audit
from booking.desk.hall.call import call_next, put_first
from booking.desk.hall.first_by_law import CALLED, FIRST, first_by_law
from booking.desk.hall.reckon import KEPT
from booking.people.staff.change import change_roles
from booking.platform.base.errors import ForbiddenError
from booking.platform.models import Account, AuditEntry
from booking.platform.models.states import Role
from tests.booking.desk.counter.visits import a_clerk, a_supervisor
from tests.booking.desk.hall.halls import a_hall


def did(core, clerk, *, called, first, **where):
    """Let a clerk have called so many, and put so many of them first, at Damascus unless told otherwise."""
    with core.sessions.begin() as session:
        who = session.get_one(Account, clerk)
        for action, times in ((CALLED, called), (FIRST, first)):
            for _ in range(times):
                audit.record(session, core, who, action, "1234-5678", **(where or {"office": "damascus"}))
        return who.username


def test_who_puts_many_first_stands_out_and_the_others_do_not(country):
    supervisor = a_supervisor(country)
    usual = [did(country, a_clerk(country), called=60, first=1) for _ in range(3)]
    often = did(country, a_clerk(country), called=60, first=12)
    seen = first_by_law(country, officer_id=supervisor)
    found = {one.username: (one.called, one.first, one.standing) for one in seen.clerks}
    assert found.pop(often) == (60, 12, Standing.FAR_ABOVE)
    assert {name: one[:2] for name, one in found.items()} == dict.fromkeys(usual, (60, 1))
    assert Standing.FAR_ABOVE not in {one[2] for one in found.values()}
    assert seen.clerks[0].username == often
    with country.sessions() as session:
        look = session.scalars(select(AuditEntry).where(AuditEntry.action == "watch.looked_at")).one()
    assert (look.subject, look.account_id) == ("damascus", supervisor)


def test_what_clerks_do_in_the_hall_is_counted_and_what_is_long_ago_is_not(country):
    hall = a_hall(country)
    supervisor = a_supervisor(country)
    put_first(country, officer_id=hall.clerk, number=hall.come(hall.visits[0]), first=True)
    assert call_next(country, officer_id=hall.clerk, counter=1)
    (one,) = first_by_law(country, officer_id=supervisor).clerks
    assert (one.called, one.first, one.back, one.sent) == (1, 1, 0, 0)
    assert one.standing is Standing.WITHIN
    hall.pass_by(KEPT.total_seconds() / 60 + 1)
    assert first_by_law(country, officer_id=supervisor).clerks == []


def test_a_button_pressed_twice_counts_once(country):
    hall = a_hall(country)
    number = hall.come(hall.visits[0])
    for first in (True, True, False, False):
        put_first(country, officer_id=hall.clerk, number=number, first=first)
    (one,) = first_by_law(country, officer_id=a_supervisor(country)).clerks
    assert one.first == 1


@pytest.mark.parametrize(("first", "standing"), [(2, Standing.WITHIN), (3, Standing.FAR_ABOVE)])
def test_one_or_two_first_by_who_calls_nobody_are_no_sign(country, first, standing):
    did(country, a_clerk(country), called=100, first=0)
    entrance = did(country, a_clerk(country), called=0, first=first)
    seen = first_by_law(country, officer_id=a_supervisor(country))
    assert {one.username: one.standing for one in seen.clerks}[entrance] is standing


def test_who_moved_leaves_their_counts_at_the_office_where_they_called(country):
    clerk, colleague = a_clerk(country), a_clerk(country)
    name = did(country, clerk, called=50, first=9)
    did(country, colleague, called=50, first=1)
    roles = {"roles": {Role.OFFICER}, "office_code": "aleppo", "reason": "asked for it"}
    change_roles(country, by=None, account_id=clerk, **roles)
    did(country, clerk, called=4, first=0, office="aleppo")
    there, here = (
        {one.username: (one.called, one.first) for one in first_by_law(country, officer_id=boss).clerks}
        for boss in (a_supervisor(country, office="aleppo"), a_supervisor(country))
    )
    assert there == {name: (4, 0)}
    assert here[name] == (50, 9), "those who asked about it there still see it"
    assert len(here) == 2


def test_what_does_not_say_where_counts_for_the_office_of_now(country):
    name = did(country, a_clerk(country, office="homs"), called=3, first=0, day="2026-11-01")
    (one,) = first_by_law(country, officer_id=a_supervisor(country, office="homs")).clerks
    assert (one.username, one.called) == (name, 3)
    assert first_by_law(country, officer_id=a_supervisor(country)).clerks == []


def test_clerks_do_not_watch_each_other(country):
    with pytest.raises(ForbiddenError):
        first_by_law(country, officer_id=a_clerk(country))
