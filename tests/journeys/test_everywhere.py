"""The pages beside the citizen's way: no barrier, nothing wider than a phone, in both languages and both lights."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from booking.eservices.online import decide
from booking.eservices.online.answer import keep_answers
from booking.eservices.online.begin import begin_case
from booking.eservices.online.check import check_address
from booking.people.accounts.household import list_members
from booking.platform.models import Account, Appointment, Request
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import RequestState, Role
from booking.scheduling.requests.views import list_requests
from tests.booking.antifraud.gate.people import an_appointment
from tests.journeys import steps
from tests.journeys.many_pages import ManyPages
from tests.journeys.screens import a_screen, on_screens, tried
from tests.support.country import a_colleague, a_member, a_request, an_account
from tests.support.online_cases import (
    CLEARANCE,
    Asked,
    a_caseworker,
    decided,
    pay,
    put_papers,
    result_of,
    sent,
    valid_answers,
)

PUBLIC = [
    *("/", "/how", "/services", "/services/child-passport", "/offices", "/draws", "/abroad", "/instant"),
    *("/instant/home/passport-renewal", "/reset", "/reset/new", "/sign-in?next=/me", "/outbox", "/nowhere"),
    *("/draws/2026-11-02", "/journalists", "/log"),
]
QUIET = [
    *("/services?q=جواز", "/services?q=xyzzy", "/status", "/check", "/helped", "/open-data", "/waiting-times"),
    *("/without-network", "/without-network/form", "/calls/damascus", "/register"),
    *("/reopen", "/reopen/code"),
]
"""Public pages without scripts that do anything before somebody acts."""
OF_CITIZENS = [
    *("/me", "/me/notices", "/me/notices/email", "/me/security", "/household", "/household/add", "/sign-out"),
    *("/plan", "/plan/passport-renewal", "/plan/travel-permission", "/ask"),
    *("/me/account", "/me/account/copy", "/me/account/close", "/instant/home/passport-renewal/damascus"),
]


@on_screens("arabic-phone", "english-phone-dark")
def test_public_pages_have_no_accessibility_barriers_on_a_phone(visit, site, screen):
    site.announce("2026-11-02")
    visitor = visit(**screen)
    for path in PUBLIC:
        visitor.open(path)


def test_changing_the_language_stays_on_the_same_page(visit):
    visitor = visit(language="ar", width=320)
    visitor.open("/services/passport-renewal")
    visitor.page.get_by_role("link", name="English").first.click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    assert visitor.path == "/services/passport-renewal"


def test_a_mistake_is_announced_first_and_leads_to_its_field(visit):
    visitor = visit(language="en", width=320)
    visitor.open("/register")
    visitor.press()
    expect(visitor.page.locator("#error-summary")).to_be_focused()
    visitor.page.locator("#error-summary a").first.click()
    expect(visitor.page.locator("#username")).to_be_focused()


@pytest.fixture
def holder(site):
    """Somebody with a certificate and a confirmed appointment: their account, the pages of both, the certificate."""
    core = site.core
    officer = a_caseworker(core)
    held, _, _ = an_appointment(core)
    with core.sessions() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == held)).one()
        account = session.get_one(Account, appointment.request.account_id)
        request = appointment.request.reference
    member = list_members(core, account_id=account.id)[0].id
    asked = Asked(account.id, member, begin_case(core, account_id=account.id, service=CLEARANCE, member_id=member))
    answers = valid_answers(core, core.pack.service(CLEARANCE))
    keep_answers(core, account_id=account.id, reference=asked.reference, answers=answers)
    put_papers(core, asked.reference)
    if sent(core, asked) is OnlineState.AWAITING_PAYMENT:
        pay(core, asked)
    decided(core, asked, officer)
    decide.issue(core, officer_id=officer, reference=asked.reference)
    pages = [f"/requests/{request}", f"/online/cases/{asked.reference}"]
    pages += [f"/appointments/{held}{step}" for step in ("", "/pass", "/move", "/cancel")]
    return account.id, pages, check_address(core, result_of(core, asked.reference))


def test_citizens_pages_have_no_accessibility_barriers_on_a_phone(visit, site, holder):
    site.announce("2026-11-02")
    for screen in tried("arabic-phone-dark", ["english-phone"]):
        visitor = visit(**a_screen(screen))
        steps.come_signed_in(visitor, holder[0], "/me")
        look_around(ManyPages(visitor.page, visitor.kinds), *holder[1:])


def look_around(window, held, certificate):
    for path in (*QUIET, *OF_CITIZENS, *held):
        assert window.look(path) == 200, path
    for path, typed, status in (
        ("/check", {"document": certificate}, 200),
        ("/check", {"document": "MAWID"}, 422),
        ("/status", {"reference": "7K2M9D4QX", "national_number": "1"}, 422),
        ("/helped", {"reference": "", "phone": ""}, 422),
        ("/me/notices/email", {"address": "nobody"}, 422),
    ):
        assert window.look_at_all([(path, None), (path, typed)]) == [200, status], path
    assert window.faults == []


@pytest.fixture
def a_case(site):
    """A request that waits for an officer, its account, and an account for each role."""
    account_id, asked = a_request(site.core)
    with site.core.sessions.begin() as session:
        waiting = update(Request).where(Request.reference == asked.reference)
        session.execute(waiting.values(state=RequestState.UNDER_REVIEW))
    officer = a_colleague(site.core, Role.OFFICER, office="damascus")
    others = {role.value: a_colleague(site.core, role) for role in (Role.ANALYST, Role.ADMINISTRATOR)}
    return account_id, asked.reference, {"officer": officer} | others


def test_staff_pages_have_no_accessibility_barriers(visit, a_case):
    pages = {
        "officer": ["/desk", f"/desk/reviews/{a_case[1]}", "/desk/appeals", "/desk/today"],
        "analyst": ["/analyst"],
        "administrator": ["/admin", "/admin/audit"],
    }
    for role, (first, *others) in pages.items():
        visitor = visit(language="ar", width=1280)
        steps.come_signed_in(visitor, a_case[2][role], first)
        for path in others:
            visitor.open(path)


def test_an_officer_accepts_a_request_with_a_note(visit, site, a_case):
    account_id, reference, staff = a_case
    visitor = visit(language="ar", width=1280)
    steps.come_signed_in(visitor, staff["officer"], f"/desk/reviews/{reference}")
    visitor.press()
    expect(visitor.page.locator("#error-summary")).to_contain_text("اكتب ملاحظة")
    visitor.page.fill("#note", "رأيت الوثائق وهي سليمة")
    visitor.press()
    assert visitor.path == "/desk"
    assert list_requests(site.core, account_id)[0].state is RequestState.ACCEPTED


def test_a_free_place_is_held_and_confirmed_instantly(visit, site):
    visitor = visit(language="ar", width=320)
    account = an_account(site.core)
    a_member(site.core, account)
    steps.come_signed_in(visitor, account, "/instant/home/passport-renewal/damascus")
    site.clock.advance(timedelta(minutes=2))
    visitor.follow("button[name=slot]")
    assert visitor.path.startswith("/appointments/")
    visitor.press()
    expect(visitor.page.locator("main .tag").first).to_have_text("مؤكّد")
