"""A woman finds that a stranger acts for her, contests it, and a clerk decides while she shows her own page's code."""

import re

import pytest
from playwright.sync_api import expect

from booking.platform.models.states import Role
from tests.booking.desk.counter.visits import a_visit
from tests.journeys import steps
from tests.journeys.screens import a_screen, tried
from tests.support.country import a_colleague, a_member, an_account, eligible_number

ARABIC = ("arabic-phone", "arabic-desk-scriptless")
ENGLISH = ("english-phone-dark", "english-desk-dark")


def signed_in(visit, screen, account, path):
    visitor = visit(**a_screen(screen))
    steps.come_signed_in(visitor, account, path)
    return visitor


@pytest.mark.parametrize(("phone", "desk"), tried(ENGLISH, [ARABIC]))
def test_a_counter_decides_who_acts_and_the_appointment_stays(visit, site, phone, desk):
    core, number = site.core, eligible_number(site.core)
    stranger = a_visit(core, number=number, days=1)
    account = an_account(core)
    member = a_member(core, account, number=number, relation="self")
    owner = signed_in(visit, phone, account, "/me/people-acting-for-me")
    owner.follow("main .cards a")
    owner.press()
    expect(owner.page.locator("main .banner")).to_be_visible()
    owner.open(f"/household/{member}/prove/counter")
    owner.press()
    code = re.search(r"\d{6}", owner.page.locator("main .big").inner_text()).group()

    clerk_id = a_colleague(core, Role.OFFICER, office="damascus")
    clerk = signed_in(visit, desk, clerk_id, "/desk/identity")
    page = clerk.page
    page.fill("#national_number", number)
    clerk.press()
    clerk.follow("main a[href$='/second-step']")
    clerk.page.go_back()
    clerk.press()  # nothing is filled in
    expect(page.locator("#error-summary")).to_be_visible()
    page.check("input[value=identity_card]")
    page.fill("#name", "أمل الخيالية")
    for part, value in (("day", "17"), ("month", "5"), ("year", "1990")):
        page.fill(f"#birth_{part}", value)
    page.fill("#code", code)
    page.locator("input[name=end]").first.check()  # the stranger came first
    page.fill("#reason", "She came herself, with her card")
    clerk.press()
    assert clerk.path == "/desk/identity?done=1"

    owner.open("/me/people-acting-for-me")
    expect(owner.page.locator("main .cards")).to_have_count(0)
    owner.open(f"/appointments/{stranger.reference}")
    assert owner.page.locator("main h1").inner_text()
