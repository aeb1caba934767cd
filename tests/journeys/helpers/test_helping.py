"""A shop books for an elderly woman: she agrees by her own phone, is drawn, and takes the request over."""

import re

from playwright.sync_api import expect
from sqlalchemy import select

from booking.people.registers.synthetic import serial_of
from booking.platform.models import Request
from booking.platform.models.identity import ProofKind
from tests.booking.desk.helpers.helped import a_helper, code_of
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import PASSWORD, a_typed_person

AGREED = {"ar": "وافق: إرسال الطلب", "en": "Has agreed: send the request"}


def take_over(daughter, consent):
    """Her daughter follows the request on another phone, and takes the shop's leave away."""
    core, page = daughter.site.core, daughter.page
    with core.sessions() as session:
        reference = session.scalars(select(Request.reference)).one()
    daughter.open("/helped")
    page.fill("#reference", reference)
    page.fill("#phone", "0966 123 456")
    daughter.press()
    page.fill("#code", code_of(core, consent, "take_over"))
    page.fill("#username", "fatima")
    page.fill("#password", PASSWORD)
    daughter.press()
    steps.sign_in(daughter, "fatima")
    daughter.open(f"/requests/{reference}")
    expect(page.locator("main")).to_contain_text("مكتبة الياسمين")
    daughter.open(f"/requests/{reference}/helper")
    daughter.press()


@on_screens("english-desk-dark", "arabic-phone-scriptless")
def test_a_shop_books_for_an_elderly_woman(visit, site, screen):
    site.announce("2026-11-02")
    shop = a_helper(site.core)
    visitor = visit(**screen)
    page, main = visitor.page, visitor.page.locator("main")
    steps.come_signed_in(visitor, shop, "/helper")
    visitor.follow("main a.button")
    visitor.press()  # nothing is filled in
    assert page.locator("#error-summary a").count() == 4
    page.fill("#name", "فاطمة الخيالية")
    number = a_typed_person(site.core, name="فاطمة الخيالية", born="1/1/1948").number
    page.fill("#national_number", number)
    for part, value in (("day", "1"), ("month", "1"), ("year", "1948")):
        page.fill(f"#birth_{part}", value)
    page.fill("#phone", "0966 123 456")
    visitor.press()
    consent = re.search(r"/helper/people/([0-9a-f-]{36})", visitor.path).group(1)
    page.fill("#code", code_of(site.core, consent))
    visitor.press()
    visitor.open(f"/helper/people/{consent}")
    expect(page.locator("main .tag").first).to_have_text(AGREED[screen["language"]])
    visitor.follow("main a.button")
    page.select_option("#service", "passport-renewal")
    visitor.press()
    page.select_option("#second", "homs")
    page.fill("#serial", "X00000000")
    visitor.press()
    assert page.locator("#second").input_value() == "homs"  # refused, and nothing that was typed is lost
    page.fill("#serial", serial_of(number, ProofKind.CARD))
    visitor.press()
    assert visitor.path == f"/helper/people/{consent}?new=1"

    site.draw("2026-11-02")
    steps.come_signed_in(visitor, shop, "/helper")  # a day later the session is over
    visitor.follow("main .cards a")
    visitor.press()
    expect(main.locator("time, dd strong").first).to_be_visible()

    take_over(visit(**screen), consent)
    visitor.open(f"/helper/people/{consent}")
    expect(main.locator("dl")).to_have_count(0)
