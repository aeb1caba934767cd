"""A student gets deferral, travel permission and passport by one plan; a family abroad renews four in one visit."""

import re
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from booking.eservices.online import decide
from booking.eservices.online.answer import keep_answers
from booking.people.registers.synthetic import CONSCRIPT_PREFIX
from booking.platform.models import OnlineCase
from booking.platform.models.states import Door
from tests.journeys.screens import on_screens
from tests.journeys.steps import come_signed_in
from tests.support.country import a_member, an_account
from tests.support.online_cases import Asked, a_caseworker, decided, pay, put_papers, result_of, sent, valid_answers

PLAN = "/plan/passport-renewal?travel-permission.standing=deferred-for-study"


def a_student(core, account: UUID) -> int:
    """A man whom the conscription register lists, whose passport ends."""
    while True:
        number = f"{CONSCRIPT_PREFIX}0{secrets.randbelow(10**8):08d}"
        record = core.register.made_of(number)
        if not record.application_pending and 0 <= record.passport_days_left(core.today()) <= 365:
            break
    born = core.today() - timedelta(days=22 * 366)
    return a_member(core, account, name="كريم الخيالي", number=number, born=born, relation="self")


def issued(core, account: UUID, member: int, service: str, officer: UUID) -> None:
    """Fill in the draft that the plan began, and let an officer issue what comes of it."""
    with core.sessions() as session:
        reference = session.scalars(
            select(OnlineCase.reference).where(OnlineCase.account_id == account, OnlineCase.service.has(code=service))
        ).one()
    answers = valid_answers(core, core.pack.service(service))
    keep_answers(core, account_id=account, reference=reference, answers=answers)
    put_papers(core, reference)
    asked = Asked(account, member, reference)
    if sent(core, asked).value == "awaiting_payment":
        pay(core, asked)
    decided(core, asked, officer)
    decide.issue(core, officer_id=officer, reference=reference)
    assert result_of(core, reference)


@on_screens("arabic-phone-dark-scriptless", "english-desk")
def test_a_student_gets_deferral_permission_and_passport_by_one_plan(visit, screen):
    visitor = visit(**screen)
    site, page = visitor.site, visitor.page
    officer = a_caseworker(site.core, "conscription")
    account = an_account(site.core)
    member = a_student(site.core, account)
    site.announce("2026-11-02")
    come_signed_in(visitor, account, PLAN)
    assert page.locator("ol.cards > li").count() == 3
    page.select_option("#first", "damascus")
    page.locator("form[method=post] button").click()
    visitor.look()
    issued(site.core, account, member, "study-deferral", officer)
    visitor.open(PLAN)
    page.locator("form[method=post] button").click()
    visitor.look()
    issued(site.core, account, member, "travel-permission", officer)
    visitor.open("/plan/passport-renewal")
    assert page.locator("ol.cards .tag.good").count() == 1  # the permission is there; what it rested on matters no more

    site.draw("2026-11-02")
    come_signed_in(visitor, account, "/plan/passport-renewal")  # a day later the session is over
    visitor.follow("a[href^='/appointments/']")
    visitor.press()
    assert page.locator(".tag.good").count() == 1


@on_screens("english-desk", "arabic-phone-dark-scriptless")
def test_a_family_abroad_renews_four_passports_in_one_visit(visit, screen):
    visitor = visit(**screen)
    site, page = visitor.site, visitor.page
    account = an_account(site.core, door=Door.ABROAD)
    for number in range(4):
        a_member(site.core, account, name=f"شخص خيالي {number}")
    site.announce("2026-11-02")
    come_signed_in(visitor, account, "/abroad")
    visitor.choose("#country", "DE")
    visitor.press()
    visitor.follow("main a[href='/abroad/begin/passport-renewal?country=DE']")
    for number in range(4):
        visitor.tick("input[name=people]", number)
    visitor.tick("input[name=reason]")
    visitor.press()
    visitor.choose("#first", "berlin")
    visitor.choose("#second", "homs")
    visitor.press()
    assert page.locator("#error-summary a").count() == 2
    home = site.core.today() + timedelta(days=9)
    page.fill("#home_first", home.isoformat())
    page.fill("#home_last", home.isoformat())
    visitor.press()
    site.clock.advance(timedelta(minutes=2))
    visitor.press()
    assert visitor.taps == 14, "a second office and a refused page are two of them; with one question a page it was 20"
    request = re.search(r"/requests/(\w+)", visitor.path).group(0)

    site.draw("2026-11-02")
    come_signed_in(visitor, account, request)
    visitor.follow("a[href^='/appointments/']")
    assert all(f"شخص خيالي {number}" in page.locator("main").inner_text() for number in range(4))
    assert ("Central European" if screen["language"] == "en" else "وسط أوروبا") in page.locator("main").inner_text()
