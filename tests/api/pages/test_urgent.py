"""A citizen asks to be let past the draw with a photo; officers decide; every file that is no paper is refused."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.models import Account, AuditEntry, UrgentRequest
from booking.states import Role
from tests.api.pages import people
from tests.country import PASSWORD, a_colleague
from tests.urgent_cases import a_photo


@pytest.fixture
def staff(core, new_browser):
    """Sign someone of an office in."""

    def make(role: Role, office: str = "damascus"):
        account = a_colleague(core, role, office=office)
        with core.sessions() as session:
            username = session.get_one(Account, account).username
        browser = new_browser()
        browser.go("/sign-in").send(username=username, password=PASSWORD)
        return browser

    return make


@pytest.fixture
def asked(browser, core):
    """A citizen with a live request."""
    people.register(browser)
    people.add_person(browser, core)
    return people.ask(browser)


def a_day(core, days):
    return (core.today() + timedelta(days=days)).isoformat()


def with_officers(browser, core, request, days=9):
    browser.go(f"/requests/{request}/urgent").send(reason="medical", needed_by=a_day(core, days), words="")
    assert browser.path == f"/requests/{request}/urgent/evidence", browser.text
    browser.send_file(a_photo())
    assert "الوثيقة 1" in browser.text, browser.text
    browser.send(len(browser.forms()) - 1)
    assert "ينتظر موظفًا" in browser.text, browser.text
    with core.sessions() as session:
        return session.scalars(select(UrgentRequest.reference)).one()


def test_a_citizen_asks_with_a_photo_and_an_officer_gives_a_place(core, browser, asked, staff):
    case = with_officers(browser, core, asked)
    officer = staff(Role.OFFICER)
    officer.go("/desk/urgent")
    assert f"/desk/urgent/{case}" in officer.text
    officer.go(f"/desk/urgent/{case}").press("claim")
    image = re.search(r'src="(/desk/urgent/[^"]+)"', officer.text).group(1)
    answer = officer.client.get(image)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]

    officer.press("approve", reason="evidence_is_clear", note="the hospital names the day", place="best")

    assert officer.path == "/desk/urgent", officer.text
    browser.go(f"/requests/{asked}/urgent")
    assert "لك موعد عاجل" in browser.text
    appointment = re.search(r'href="(/appointments/[^"]+)"', browser.text).group(1)
    assert browser.go(f"{appointment}/pass").status == 200
    with core.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == case)).all()
    assert actions == ["urgent.claimed", "urgent.read", "urgent.evidence_read", "urgent.approval"]
