"""Rosters on pages: a supervisor makes and publishes one, an officer sees their shifts, an absence repairs the day."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from api.deps import LANGUAGE_COOKIE
from booking.desk.rosters.absent import plan
from booking.desk.rosters.colleagues import add_leave
from booking.desk.rosters.make import make
from booking.desk.rosters.rows import KEPT, forget_absences
from booking.platform.models import Account
from booking.platform.models.states import Role
from tests.booking.desk.rosters.offices import an_office


@pytest.fixture
def office(core):
    return an_office(core)


@pytest.fixture
def boss(staff, office):
    return staff(Role.SUPERVISOR, "damascus").given(LANGUAGE_COOKIE, "en")


def id_in(path):
    return UUID(path.rsplit("/", 1)[1])


def form_with(browser, name):
    return next(number for number, form in enumerate(browser.forms()) if name in form.fields)


def test_a_roster_is_made_looked_at_and_published(core, office, boss, sign_in):
    assert "No roster of today is published." in boss.go("/desk/roster/today").text
    assert "Show me the least change" not in boss.text
    boss.go("/desk/roster").send(form_with(boss, "weeks"), first_day="2026-11-02", weeks="1")
    assert "Rosters begin on a Sunday." in boss.text
    boss.send(form_with(boss, "weeks"), first_day=office.next_sunday.isoformat(), weeks="1")
    assert "The roster is being made" in boss.text
    make(core, id_in(boss.path))
    assert "Not published yet" in boss.go(boss.path).text
    clerk = sign_in(office.clerks[0]).given(LANGUAGE_COOKIE, "en")
    assert "No shift of yours is published yet." in clerk.go("/desk/shifts").text
    boss.send(form_with(boss, "csrf"), action="publish")
    assert "The roster is published." in boss.text
    assert re.search(r"08:00", clerk.go("/desk/shifts").text)
    assert clerk.go("/desk/roster").status == 403


def test_shifts_that_no_longer_hold_are_named_and_the_roster_is_made_again(core, office, boss):
    roster_id, sunday = office.solved(), office.next_sunday
    publish_it = form_with(boss.go(f"/desk/roster/{roster_id}"), "csrf")
    shown = boss.text
    everyone = {"officer_id": office.supervisor, "first_day": sunday, "last_day": sunday + timedelta(days=6)}
    add_leave(core, account_id=office.clerks[0], **everyone)
    boss.send(publish_it, action="publish")
    with core.sessions() as session:
        name = session.get_one(Account, office.clerks[0]).username
    assert re.search(rf"<bdi>{name}</bdi>\s*–\s*is on leave", boss.text)
    assert boss.status == 409
    assert "Some shifts of this roster no longer hold" in boss.text
    assert "Publish the roster" in shown
    assert "Publish the roster" not in boss.text
    boss.send(form_with(boss, "csrf"), action="again")
    assert "The roster is being made" in boss.text
    assert id_in(boss.path) != roster_id
    make(core, id_in(boss.path))
    assert "no longer hold" not in boss.go(boss.path).text
    boss.send(form_with(boss, "csrf"), action="publish")
    assert "The roster is published." in boss.text


def test_an_absence_in_the_morning_is_repaired(core, office, staff):
    sunday = office.next_sunday
    office.published(sunday)
    office.begin(sunday, hour=6)
    boss = staff(Role.SUPERVISOR, "damascus").given(LANGUAGE_COOKIE, "en")
    boss.go("/desk/roster/today").send(form_with(boss, "csrf"), absent=[])
    assert boss.status == 422
    absent = re.search(r'name="absent"[^>]*value="([0-9a-f-]{36})"', boss.text)
    assert absent is not None
    boss.send(form_with(boss, "csrf"), absent=[absent.group(1)])
    assert "The plan is being made" in boss.text
    plan(core, id_in(boss.path))
    boss.go(boss.path)
    assert "Absent" in boss.text
    assert not any(kind.code in boss.text for kind in core.pack.country.roster.shifts)  # hours, and not codes
    repair = boss.path
    boss.send(form_with(boss, "csrf"))
    assert "The shifts of today are changed." in boss.text
    assert absent.group(1) not in boss.go("/desk/roster/today").text
    core.clock.advance(KEPT + timedelta(days=2))
    assert forget_absences(core) == 1
    later = staff(Role.SUPERVISOR, "damascus").given(LANGUAGE_COOKIE, "en").go(repair)
    assert (later.status, "Carried out" in later.text) == (200, True)


def test_contracts_and_leave_are_kept_and_faults_shown(office, boss):
    boss.go("/desk/roster/colleagues")
    form = form_with(boss, "leave_from")
    boss.send(form, action="leave", leave_from="2026-12-06", leave_until="2026-12-01")
    assert boss.status == 422
    boss.send(form, action="leave", leave_from="2026-12-01", leave_until="2026-12-06")
    assert "Take the leave back" in boss.text
    boss.send(form, action="terms", hours="200")
    assert boss.status == 422
