"""An open page alone is not enough for what touches other people's rights: the second step is asked for again."""

import re
from datetime import timedelta

import pyotp
import pytest

from booking.opening import open_core
from booking.people.staff.create import create_staff
from booking.platform.base.settings import SecondFactor
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, cheap_settings

OLD = timedelta(minutes=15)


@pytest.fixture
def core(country_url, redis_url, clock):
    settings = cheap_settings(staff_second_factor=SecondFactor.REQUIRED, staff_idle=timedelta(minutes=20))
    with open_core(settings, database_url=country_url, redis_url=redis_url, clock=clock) as core:
        for number, (name, role) in enumerate({"boss": Role.ADMINISTRATOR, "nour": Role.OFFICER}.items()):
            create_staff(
                core,
                username=name,
                password=PASSWORD,
                phone=f"+96394400000{number}",
                roles=[role],
                office_code=None,
                language="en",
                by=None,
            )
        yield core


@pytest.fixture
def authenticator(core, browser):
    """The authenticator of an administrator who has just signed in."""
    browser.go("/admin").send(username="boss", password=PASSWORD)
    key = re.search(r"<strong><bdi dir=\"ltr\">([A-Z2-7 ]+)</bdi>", browser.text).group(1)
    totp = pyotp.TOTP(key.replace(" ", ""))
    browser.send(code=totp.at(core.clock.now()))
    core.clock.advance(timedelta(minutes=1))
    return totp


def colleague(browser):
    return re.search(r'href="(/admin/staff/[0-9a-f-]+)"><bdi>nour<', browser.go("/admin/staff").text).group(1)


def wait(core, browser, time):
    """Let time go by with a click now and then, so that the session goes on."""
    for _ in range(3):
        core.clock.advance(time / 3)
        browser.go("/admin")


def test_an_old_proof_is_asked_for_again_and_the_form_comes_back_as_it_was_typed(core, browser, authenticator):
    page = colleague(browser)
    browser.go(page)
    wait(core, browser, OLD)

    browser.go(page).send(change="roles", roles=["analyst", "reviewer"], office_code="aleppo", reason="new work")
    assert browser.path.startswith("/me/security/again?")
    browser.send(code="000000")
    assert "This code does not fit" in browser.text
    browser.send(code=authenticator.at(core.clock.now()))

    assert browser.path == page
    typed = browser.forms()[0].fields
    assert typed["reason"] == ["new work"]
    assert sorted(typed["roles"]) == ["analyst", "reviewer"]
    assert typed["office_code"] == ["aleppo"]
    browser.send(change="roles")
    assert "You proposed this." in browser.text


@pytest.mark.parametrize("page", ["/admin/staff/new", "/admin/re-identify"])
def test_names_behind_codes_and_new_accounts_need_a_fresh_proof_too(core, browser, authenticator, page):
    wait(core, browser, OLD - timedelta(minutes=2))
    browser.go(page).send(reason="somebody must be warned")
    assert browser.path == page
    wait(core, browser, timedelta(minutes=2))
    browser.go(page).send(reason="somebody must be warned")
    assert browser.path.startswith("/me/security/again?")


def test_a_session_left_alone_is_over_and_the_form_comes_back_after_signing_in(core, browser, authenticator):
    page = colleague(browser)
    browser.go(page)
    assert "After 20 minutes without a click" in browser.text
    core.clock.advance(timedelta(minutes=20))

    browser.send(change="close", reason="left the service")

    assert browser.path.startswith("/sign-in?")
    browser.send(username="boss", password=PASSWORD).send(code=authenticator.at(core.clock.now()))
    assert browser.path == page
    assert "left the service" in browser.text


def test_who_has_no_session_proves_nothing(browser):
    assert browser.go("/me/security/again").path.startswith("/sign-in?")
