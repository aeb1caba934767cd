"""A person makes a secret address for their calendar; a program reads from it until it is taken back."""

import io
import logging
import re

import pytest
from icalendar import Calendar

from api.deps import LANGUAGE_COOKIE
from booking.platform.base import logs
from booking.platform.models.states import Role
from tests.booking.desk.counter.visits import a_visit


@pytest.fixture
def visit(core):
    return a_visit(core)


@pytest.fixture
def amal(sign_in, visit):
    return sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")


def address_on(page):
    """Return the path of the address that a page shows, or None."""
    found = re.search(r"http://localhost:8000(/calendar/[A-Za-z0-9_/-]+\.ics)", page.text)
    return found and found[1]


def test_an_address_is_shown_once_and_stops_when_its_owner_says_so(amal, visit, new_browser):
    page = amal.go("/me").go("/me/calendar")
    assert address_on(page) is None
    address = address_on(page.send(action="make"))
    assert page.response.headers["cache-control"] == "no-store"
    assert address_on(amal.go("/me/calendar")) is None
    assert "Not read yet." in amal.text

    program = new_browser().client
    answer = program.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [one.uid for one in Calendar.from_ical(answer.content).events] == [f"{visit.reference}@mawid"]
    assert "Last read on" in amal.go("/me/calendar").text

    amal.send(action="end")
    assert "The address has stopped." in amal.text
    assert program.get(address).status_code == 404
    assert program.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 404


def test_a_program_that_has_it_all_is_sent_nothing_again(amal, new_browser):
    address, program = address_on(amal.go("/me/calendar").send(action="make")), new_browser().client
    first = program.get(address)
    assert first.headers["cache-control"].startswith("private, max-age=")
    assert first.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in first.headers
    again = program.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_no_log_and_no_measure_has_an_address(amal, new_browser, core):
    said = io.StringIO()
    logs.configure(said, logging.DEBUG)
    address = address_on(amal.go("/me/calendar").send(action="make"))
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    program = new_browser().client
    assert [program.get(one).status_code for one in (address, f"/calendar/office/{secret}.ics")] == [200, 404]
    measured = program.get("/metrics", headers={"authorization": "Bearer a token for the measures"}).text
    assert "api.pages.citizen.calendar.calendar" in measured
    assert "api.pages.citizen.calendar.calendar" in said.getvalue()
    assert secret not in measured + said.getvalue()


def test_a_colleague_who_has_no_appointments_is_led_elsewhere(staff):
    clerk = staff(Role.OFFICER)
    assert clerk.go("/me/calendar").path == "/me/security"
    assert clerk.send(action="make").path == "/me/security"
