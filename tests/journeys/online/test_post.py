"""Somebody abroad prints a cover sheet and posts papers; a clerk of the consulate scans it, and sends them back."""

from playwright.sync_api import expect

from booking.eservices.online import decide
from booking.eservices.online.post_desk import sign_sheet
from booking.platform.models.online.case import OnlineState
from booking.platform.models.states import Door, Role
from tests.booking.eservices.online.posted_papers import TRACKING, originals_of
from tests.journeys.screens import on_screens
from tests.journeys.steps import come_signed_in
from tests.support.country import a_colleague
from tests.support.online_cases import a_caseworker, a_filled_draft, decided, pay, stored


@on_screens("arabic-phone-dark-scriptless", "english-desk")
def test_papers_go_by_post_and_come_back(visit, screen):
    person = visit(**screen)
    core, page = person.site.core, person.page
    caseworker = a_caseworker(core, "foreign-affairs")
    asked = a_filled_draft(core, "document-legalisation", door=Door.ABROAD)
    base = f"/online/cases/{asked.reference}"
    come_signed_in(person, asked.account, base)
    person.press()
    expect(page.locator("#error-summary a")).to_have_count(2)
    page.locator("[name=way][value=post]").check()
    page.locator("#consulate").select_option("berlin")
    person.press()
    page.click("#declared")
    page.wait_for_url("**/sandbox/payments/*")
    pay(core, asked)
    person.open(base)
    person.follow(f"a[href='{base}/cover']")
    expect(page.locator(".qr svg")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("header")).to_be_hidden()
    assert len(page.pdf(format="A4", print_background=True).split(b"/Type /Page\n")) <= 2, "it fits one sheet"
    page.emulate_media(media="screen")

    clerk = visit(**screen)
    come_signed_in(clerk, a_colleague(core, Role.OFFICER, office="berlin"), "/desk/post")
    clerk.page.fill("#code", sign_sheet(core.vault, asked.reference, originals_of(core, asked.reference).office_id))
    clerk.press()
    clerk.press()
    assert stored(core, asked.reference).state is OnlineState.SUBMITTED
    decided(core, asked, caseworker)
    decide.issue(core, officer_id=caseworker, reference=asked.reference)
    clerk.open("/desk/post")
    clerk.follow(f"a[href='/desk/post/{asked.reference}']")
    clerk.press()
    expect(clerk.page.locator("#error-summary a")).to_have_count(1)
    clerk.page.fill("#tracking", TRACKING)
    clerk.press()
    person.open(base)
    expect(page.get_by_text(TRACKING)).to_be_visible()
