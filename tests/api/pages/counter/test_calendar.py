"""Officers make secret addresses of what comes to their office: with a fresh proof, without names."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from api.deps import LANGUAGE_COOKIE
from booking.platform.models.states import Role
from tests.booking.desk.counter.visits import a_visit


@pytest.fixture
def boss(staff):
    return staff(Role.SUPERVISOR).given(LANGUAGE_COOKIE, "en")


def address_on(page):
    found = re.search(r"http://localhost:8000(/calendar/office/[A-Za-z0-9_-]+\.ics)", page.text)
    return found and found[1]


def test_a_supervisor_has_two_calendars_and_a_clerk_one(staff, boss):
    for browser, kinds in ((boss, ["counter", "office"]), (staff(Role.OFFICER), ["counter"])):
        forms = [one.fields["kind"][0] for one in browser.go("/desk/calendar").forms() if "kind" in one.fields]
        assert forms == kinds
    clerk = staff(Role.OFFICER)
    for kind, status in (("office", 403), ("own", 404), ("nothing", 404)):
        assert clerk.go("/desk/calendar").send(0, kind=kind, action="make").status == status


def test_an_office_is_read_from_its_address(core, boss, new_browser):
    visit = a_visit(core, days=1, name="أمل الخيالية")
    boss.go("/desk/calendar")
    address = address_on(boss.send(1, action="make"))
    answer = new_browser().client.get(address)
    (hour,) = Calendar.from_ical(answer.content).events
    assert hour.start == visit.starts_at
    assert visit.reference not in answer.text
    assert "أمل" not in answer.text


def test_an_open_tab_is_not_enough_to_make_an_address(core, boss, clock):
    clock.advance(timedelta(hours=3))
    boss.go("/desk/calendar").send(0, action="make")
    assert boss.path.startswith("/me/security/again")
    assert address_on(boss) is None
