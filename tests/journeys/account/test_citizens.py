"""A citizen sets up a second step, signs in by phone and takes another phone: without scripts, and in the dark."""

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import an_account, last_secret

DONE = {"ar": "تغيّر هاتفك", "en": "Your phone is changed"}


@pytest.fixture
def amal(site):
    """An account with a confirmed phone."""
    return an_account(site.core, username="amal", phone="0944 123 456")


def test_a_second_step_is_set_up_and_the_phone_signs_in(visit, site, amal):
    visitor = visit(language="ar", width=320, scripts=False)
    steps.come_signed_in(visitor, amal, "/me/security")
    visitor.follow("main a[href='/me/security/second-step']")
    app = pyotp.TOTP(visitor.page.locator("main li strong").inner_text().replace(" ", ""))
    visitor.page.fill("#code", app.at(site.clock.now()))
    visitor.press()
    visitor.follow("main a.button")
    assert visitor.path == "/me/security"

    site.clock.advance(timedelta(minutes=1))
    later = visit(language="en", width=1280, dark=True)
    later.open("/sign-in")
    steps.sign_in(later, "0944 123 456")
    assert later.path == "/sign-in/second-step"
    later.follow("main a[href='/sign-in/second-step/lost']")
    later.follow("main a[href='/sign-in/second-step/lost/counter']")
    later.press()
    later.open("/sign-in/second-step")
    later.page.fill("#code", app.at(site.clock.now()))
    later.press()
    assert later.path == "/me"
    later.open("/me/security/second-step/remove")
    later.open("/me/security/recovery-codes")


@pytest.mark.nightly("test_a_citizen_goes_from_registration_to_a_pass_and_cancels opens one")
def test_an_account_is_opened_in_english_in_the_dark(visit):
    visitor = visit(language="en", width=320, dark=True)
    steps.register(visitor)
    assert visitor.path == "/household"


@on_screens("arabic-phone", "english-phone-dark")
def test_a_phone_is_changed_with_a_code_to_each(visit, site, amal, screen):
    visitor = visit(**screen)
    steps.come_signed_in(visitor, amal, "/me/phone")
    visitor.page.fill("#phone", "12")
    visitor.press()
    expect(visitor.page.locator("#phone")).to_have_value("12")
    visitor.page.fill("#phone", "0944 555 666")
    visitor.press()
    assert visitor.path == "/me/phone/codes"
    visitor.page.fill("#new_code", last_secret(site.core, amal, "phone_to_be"))
    visitor.page.fill("#old_code", last_secret(site.core, amal, "phone_before"))
    visitor.page.locator("main button.button").click()
    visitor.look()
    expect(visitor.page.locator(".banner").first).to_contain_text(DONE[screen["language"]])
    visitor.open("/me/password")
    visitor.open("/user-name")
    visitor.open("/stop-phone")
    visitor.open("/sign-in")
    steps.sign_in(visitor, "0944 555 666")
    assert visitor.path == "/me"
