"""People without a phone: one at a counter, one at a shop with a signed paper; both go home with a sheet of paper."""

import re

from playwright.sync_api import expect

from booking.people.registers.synthetic import serial_of
from booking.platform.models.identity import ProofKind
from booking.platform.models.states import Role
from tests.booking.desk.helpers.helped import a_helper
from tests.journeys import steps
from tests.journeys.screens import a_screen, on_screens
from tests.support.country import a_colleague, a_typed_person
from tests.support.urgent_cases import a_noisy_photo

ON_SCREEN_ONLY = ("header", "footer", ".back", ".noprint", "main form")


def type_person(page, number):
    """Enter what stands in the identity document."""
    page.fill("#name", "حسن الخيالي")
    page.fill("#national_number", number)
    for part, value in (("day", "3"), ("month", "4"), ("year", "1950")):
        page.fill(f"#birth_{part}", value)


def print_it(visitor, *texts):
    """See the page as it is printed: these texts are on it, and nothing that only a screen needs."""
    page = visitor.page
    page.emulate_media(media="print")
    for selector in ON_SCREEN_ONLY:
        for one in page.locator(selector).all():
            expect(one).to_be_hidden()
    for text in texts:
        expect(page.locator("main")).to_contain_text(text)
    page.emulate_media(media="screen")


def sit_at_the_desk(site, visit, role, screen, path, office=None):
    """Sign somebody of the staff in at a screen."""
    account = a_colleague(site.core, role, office=office)
    visitor = visit(**screen)
    steps.come_signed_in(visitor, account, path)
    return visitor, account


def where_it_stands(visitor, reference, number):
    """Read where the request stands, without an account; the words of the page."""
    visitor.open("/status")
    visitor.page.fill("#reference", reference)
    visitor.page.fill("#national_number", number)
    visitor.press()
    return visitor.page.locator("main .summary").inner_text()


@on_screens("arabic-tablet-scriptless", "english-desk-dark")
def test_a_clerk_asks_for_a_man_without_a_phone_and_prints_his_pass(visit, site, screen):
    site.announce("2026-11-02")
    number = a_typed_person(site.core).number
    clerk, account = sit_at_the_desk(site, visit, Role.OFFICER, screen, "/desk/ask", "damascus")
    page = clerk.page
    clerk.press()  # nothing is filled in
    assert page.locator("#error-summary a").count() >= 3
    type_person(page, number)
    page.select_option("#service", "passport-renewal")
    clerk.press()
    clerk.press()
    receipt = clerk.path
    reference = re.fullmatch(r"/desk/ask/([0-9A-Z]{9})", receipt).group(1)
    print_it(clerk, "حسن الخيالي", f"{reference[:3]}-{reference[3:6]}-{reference[6:]}", "/status")
    assert "حسن" not in where_it_stands(visit(**screen), reference, number)

    site.draw("2026-11-02")
    steps.come_signed_in(clerk, account, "/desk/ask")  # a day later the session is over
    page.fill("#reference", reference)
    clerk.press(-1)
    assert clerk.path == receipt
    clerk.press()
    expect(page.locator(".qr svg")).to_be_visible()
    print_it(clerk, "حسن الخيالي")


def test_a_shop_sends_a_signed_paper_and_an_officer_looks_first(visit, site):
    arabic, english = a_screen("arabic-phone-scriptless"), a_screen("english-desk-dark")
    number, account = a_typed_person(site.core).number, a_helper(site.core)
    shop = visit(**arabic)
    page = shop.page
    steps.come_signed_in(shop, account, "/helper")
    shop.follow('main a[href="/helper/new-paper"]')
    shop.press()  # nothing is filled in
    assert page.locator("#error-summary a").count() == 3
    type_person(page, number)
    shop.press()
    person = shop.path
    shop.follow(f'main a[href="{person}/form"]')
    print_it(shop, "مكتبة الياسمين", f"••• {number[-3:]}")
    shop.open(person)
    page.set_input_files(
        "#file", {"name": "letter.doc", "mimeType": "application/msword", "buffer": b"\xd0\xcf\x11\xe0"}
    )
    shop.press()
    expect(page.locator("#file-error")).to_be_visible()
    page.set_input_files("#file", {"name": "IMG_1.png", "mimeType": "image/png", "buffer": a_noisy_photo()})
    shop.press()
    shop.follow(f'main a[href="{person}/ask"]')
    page.select_option("#service", "passport-renewal")
    shop.press()
    page.fill("#serial", serial_of(number, ProofKind.CARD))
    shop.press()
    assert shop.path == f"{person}?new=1"
    shop.follow(f'main a[href="{person}/receipt"]')
    print_it(shop, "/status")
    reference = page.locator("main .big").inner_text().replace("-", "").strip()

    officer, _ = sit_at_the_desk(site, visit, Role.REVIEWER, english, f"/desk/reviews/{reference}")
    photo = officer.page.locator("figure.paper img")
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("naturalWidth", 800)
    officer.page.keyboard.press("n")
    officer.page.keyboard.type("The service on the paper is another one")
    officer.page.keyboard.press("Escape")
    with officer.page.expect_navigation(url="**/desk"):
        officer.page.keyboard.press("p")
    officer.look()

    shop.open(person)
    expect(page.locator("main")).to_contain_text("لم تُقبل الورقة الموقّعة")
    assert "The signed paper was not accepted" in where_it_stands(visit(**english), reference, number)
