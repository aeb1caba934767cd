import re
from datetime import timedelta

import pyotp
import pytest

from booking.opening import open_core
from booking.people.staff.create import create_staff
from booking.platform.base.settings import SecondFactor
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, cheap_settings


@pytest.fixture
def core(country_url, redis_url, clock):
    settings = cheap_settings(staff_second_factor=SecondFactor.REQUIRED)
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        create_staff(
            core,
            username="nour",
            password=PASSWORD,
            phone="+963944000001",
            roles=[Role.OFFICER],
            office_code="damascus",
            language="en",
            by=None,
        )
        yield core


@pytest.fixture
def set_up(core, browser):
    """Sign in for the first time, and give the authenticator."""
    browser.go("/desk")
    browser.send(username="nour", password=PASSWORD)
    assert browser.path == "/sign-in/set-up"
    key = re.search(r"<strong><bdi dir=\"ltr\">([A-Z2-7 ]+)</bdi>", browser.text).group(1)
    app = pyotp.TOTP(key.replace(" ", ""))
    browser.send(code=app.at(core.clock.now()))
    core.clock.advance(timedelta(minutes=1))
    return app


def test_the_first_sign_in_sets_up_the_second_step_and_goes_on(browser, set_up):
    codes = re.findall(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", browser.text)
    assert len(set(codes)) == 10
    assert 'href="/desk"' in browser.text

    assert browser.go("/desk").status == 200


def test_a_later_sign_in_asks_for_the_code_and_returns_to_the_page(core, new_browser, set_up):
    browser = new_browser()
    browser.go("/desk/appeals")
    browser.send(username="nour", password=PASSWORD)
    assert browser.path == "/sign-in/second-step"
    assert browser.go("/desk/urgent").path == "/sign-in/second-step"
    assert browser.go("/desk/appeals").path == "/sign-in/second-step"

    browser.send(code="000000")
    assert (browser.path, browser.status) == ("/sign-in/second-step", 422)
    assert 'value="000000"' in browser.text

    browser.send(code=set_up.at(core.clock.now()))
    assert (browser.path, browser.status) == ("/desk/appeals", 200)


@pytest.mark.parametrize("path", ["/sign-in/second-step", "/sign-in/set-up"])
def test_the_second_step_is_unreachable_without_a_password(browser, path):
    assert browser.go(path).path == "/sign-in"


def test_a_second_step_that_takes_too_long_begins_again(core, new_browser, set_up):
    browser = new_browser()
    browser.go("/sign-in").send(username="nour", password=PASSWORD)
    core.clock.advance(core.settings.otp_lifetime)

    assert browser.send(code=set_up.at(core.clock.now())).path == "/sign-in"
