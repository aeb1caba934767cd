"""A driver buys insurance and a policeman checks it; an officer issues a certificate by keyboard."""

import re

from playwright.sync_api import expect

from booking.eservices.online.check import check_address
from booking.people.payments.provider import deliver
from booking.platform.models.online.case import OnlineState
from tests.journeys.screens import on_screens
from tests.journeys.steps import come_signed_in
from tests.support.country import a_member, an_account
from tests.support.online_cases import (
    CLEARANCE,
    INSURANCE,
    a_caseworker,
    payment_of,
    put_papers,
    result_of,
    stored,
    with_agency,
)

ANSWERS = (("damascus", "123456", "private"), ("كيا ريو", None, "3"))


@on_screens("english-desk", "arabic-phone-dark-scriptless")
def test_a_driver_buys_insurance_and_a_policeman_checks_the_square(visit, screen):
    driver = visit(**screen)
    site, page = driver.site, driver.page
    account = an_account(site.core)
    a_member(site.core, account)
    come_signed_in(driver, account, f"/services/{INSURANCE}")
    driver.press()
    reference = re.search(r"/online/cases/(\w{9})/", driver.path).group(1)
    for part in ANSWERS:
        for number, answer in enumerate(part):
            field = page.locator("main .field").nth(number)
            if field.locator("select").count():
                field.locator("select").select_option(answer)
            elif field.locator("[type=radio]").count():
                field.locator(f"[value={answer}]").check()
            else:
                field.locator("input").fill(answer or site.core.today().isoformat())
        driver.press()
    assert driver.path.endswith("/papers")
    put_papers(site.core, reference)
    driver.open(f"/online/cases/{reference}/review")
    for answer in ("fail", "pay"):  # after a failed payment, one press on the request leads to the provider again
        page.click("main .button")
        page.wait_for_url("**/sandbox/payments/*")
        driver.look()
        page.click(f"[name=answer][value={answer}]")
    assert driver.path == f"/online/cases/{reference}"
    expect(page.locator(".tag.good")).to_be_visible()
    deliver(site.core, payment_of(site.core, reference).reference)  # the provider's own word comes too, by HTTP
    assert stored(site.core, reference).state is OnlineState.ISSUED

    policeman = visit(**screen)
    address = check_address(site.core, result_of(site.core, reference))
    if screen["scripts"]:
        policeman.page.goto(address)
        expect(policeman.page.locator("#answer.good")).to_be_visible()
        assert "#" not in policeman.page.url
    else:
        policeman.open("/check")
        policeman.page.fill("#document", address)
        policeman.press()
    policeman.look()
    expect(policeman.page.locator("#answer.good")).to_be_visible()
    expect(policeman.page.locator("main")).to_contain_text("123456")


def test_an_officer_issues_a_certificate_by_keyboard(visit):
    officer = visit(language="ar", width=1280)
    core = officer.site.core
    caseworker = a_caseworker(core)
    asked = with_agency(core, CLEARANCE)
    come_signed_in(officer, caseworker, "/desk/online")
    keys = officer.page.keyboard
    for key, then in (("j", None), ("Enter", "claim"), ("c", "case"), ("a", None)):
        keys.press(key)
        if then == "claim":
            expect(officer.page.locator("[data-key=c]")).to_be_visible()
        elif then == "case":
            expect(officer.page.locator("[data-key=a]")).to_be_visible()
        officer.page.wait_for_load_state()  # the script that knows the keys is there
    officer.look()
    officer.page.locator("details[open] button").first.click()
    expect(officer.page.locator("[data-key=i]")).to_be_visible()
    officer.look()
    keys.press("i")
    officer.page.wait_for_url("**/desk/online")
    officer.look()
    assert stored(core, asked.reference).state is OnlineState.ISSUED
    keys.press("/")
    keys.type(asked.reference.lower())
    keys.press("Enter")
    officer.page.wait_for_url(f"**/desk/online/{asked.reference}")
