"""How citizens come in, on pages without JavaScript."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from booking.entrypoints.demo.actor import do_what_was_asked
from booking.platform.models import Account
from tests.api.pages import people
from tests.support.country import PASSWORD, last_secret

pytestmark = pytest.mark.neighbours

NEW = "another turn for all"


@pytest.fixture
def amal(browser):
    people.register_on_pages(browser, "amal")
    browser.go("/language/en?next=/me")
    return browser


def at(browser, path):
    return browser.path.partition("?")[0] == path


def code(core, kind):
    """What the account was sent last, of one kind."""
    with core.sessions() as session:
        account_id = session.scalars(select(Account.id).where(Account.username == "amal")).one()
    return last_secret(core, account_id, kind)


def test_a_browser_is_known_after_signing_in_and_can_be_forgotten(amal):
    cookie = amal.client.cookies.get("mawid_known")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie)
    amal.go("/me/security")
    assert "Devices that we know" in amal.text
    which = next(n for n, form in enumerate(amal.forms()) if "device" in amal.text and form.action == "/me/security")
    device = re.search(r'name="device" value="([0-9a-f-]{36})"', amal.text).group(1)

    amal.send(which, device=device)
    assert "Devices that we know" not in amal.text
    assert amal.client.cookies.get("mawid_known") == cookie


def test_one_who_signs_in_again_stays_the_same_known_browser(amal):
    before = amal.client.cookies.get("mawid_known")
    amal.go("/sign-out").send()
    amal.go("/sign-in").send(username="amal", password=PASSWORD)
    assert amal.client.cookies.get("mawid_known") == before
    assert amal.go("/me/security").text.count('name="device"') == 1


@pytest.mark.alone
def test_a_phone_signs_in_instead_of_the_user_name(amal, new_browser):
    other = new_browser().go("/sign-in").send(username="٠٩٤٤١٢٣٤٥٦", password=PASSWORD)
    assert at(other, "/me")


@pytest.mark.alone
def test_a_forgotten_user_name_is_told_to_the_phone(amal, new_browser, core):
    other = new_browser()
    for phone in ("0944 123 456", "0933 999 888"):
        other.go("/user-name").send(phone=phone)
        assert other.status == 200
    assert 'role="status"' in other.text
    do_what_was_asked(core)
    assert "في موعد: amal" in other.client.get("/outbox", params={"username": "amal"}).text

    other.go("/user-name").send(phone="12")
    assert other.status == 422
    assert 'value="12"' in other.text


def test_a_password_is_changed_with_the_present_one(amal, new_browser):
    other = new_browser().go("/sign-in").send(username="amal", password=PASSWORD)
    amal.go("/me/password").send(present_password="wrong", password=NEW)
    assert amal.status == 422
    assert "This is not your current password." in amal.text

    amal.send(present_password=PASSWORD, password=NEW)
    assert at(amal, "/me/security")
    assert "Your password is changed." in amal.text
    assert at(other.go("/me"), "/sign-in")


def test_a_reset_ends_with_a_browser_that_is_known(amal, new_browser, core):
    other = new_browser()
    other.go("/reset").send(username="amal")
    assert at(other, "/reset/new")
    other.send(code=code(core, "reset_password"), password=NEW)
    assert at(other, "/sign-in")
    assert other.client.cookies.get("mawid_known")


def test_a_code_is_of_no_use_in_another_browser(amal, new_browser, core):
    asks, types = new_browser(), new_browser()
    asks.go("/reset").send(username="amal")
    types.go("/reset/new").send(username="amal", code=code(core, "reset_password"), password=NEW)
    assert types.status == 422


def test_a_phone_changes_with_the_codes_of_both(amal, core):
    amal.go("/me/phone")
    assert "456" in amal.text
    amal.send(phone="0944 555 666")
    assert at(amal, "/me/phone/codes")
    amal.send(new_code="000000", old_code="000000")
    assert amal.status == 422
    assert amal.text.count("This code is not right.") >= 2

    amal.send(new_code=code(core, "phone_to_be"), old_code=code(core, "phone_before"))
    assert at(amal, "/me/security")
    assert "Your phone is changed." in amal.text
    assert "666" in amal.go("/me/phone").text


def test_a_change_without_the_old_phone_waits_and_can_be_stopped(amal, new_browser, core):
    amal.go("/me/phone").send(phone="0944 555 666")
    amal.send(new_code=code(core, "phone_to_be"), lost="1")
    assert at(amal, "/me/phone")
    assert "unless somebody stops it" in amal.text

    other = new_browser().go("/stop-phone").send(code="AAAAA-AAAAA")
    assert other.status == 409
    other.send(code=code(core, "phone_change_waits"))
    assert other.status == 200
    assert "unless somebody stops it" not in amal.go("/me/phone").text


def test_an_old_sign_in_is_not_enough_for_another_phone(amal, core):
    core.clock.advance(timedelta(minutes=15))
    assert at(amal.go("/me/phone"), "/me/security/again")
    amal.send(password="not the password")
    assert amal.status == 422
    assert at(amal.send(password=PASSWORD), "/me/phone")


@pytest.fixture
def authenticator(amal, core):
    amal.go("/me/security/second-step")
    key = re.search(r"<strong><bdi dir=\"ltr\">([A-Z2-7 ]+)</bdi>", amal.text).group(1)
    totp = pyotp.TOTP(key.replace(" ", ""))
    amal.send(code="000000")
    assert amal.status == 422
    assert key in amal.text, "the page shows the same key again"
    amal.send(code=totp.at(core.clock.now()))
    assert "Your recovery codes" in amal.text
    core.clock.advance(timedelta(minutes=1))
    return totp


def test_a_citizen_signs_in_by_two_steps_and_removes_them_again(amal, authenticator, new_browser, core):
    other = new_browser().go("/sign-in").send(username="amal", password=PASSWORD)
    assert at(other, "/sign-in/second-step")
    other.send(code=authenticator.at(core.clock.now()))
    assert at(other, "/me")

    core.clock.advance(timedelta(minutes=1))
    amal.go("/me/security/second-step/remove").send(code="000000")
    assert amal.status == 422
    amal.send(code=authenticator.at(core.clock.now()))
    assert "The second step is removed." in amal.text
    assert new_browser().go("/sign-in").send(username="amal", password=PASSWORD).path == "/me"


def test_a_lost_second_step_begins_a_wait(amal, authenticator, new_browser, core):
    other = new_browser().go("/sign-in").send(username="amal", password=PASSWORD)
    other.go("/sign-in/second-step/lost").send()
    assert at(other, "/sign-in/second-step/lost")
    other.send(code=code(core, "lost_factor"))
    assert other.status == 409

    core.clock.advance(timedelta(days=3))
    other = new_browser().go("/sign-in").send(username="amal", password=PASSWORD)
    other.go("/sign-in/second-step/lost").send()
    other.send(code=code(core, "lost_factor"))
    assert at(other, "/me"), other.text


def test_the_pages_of_a_stranger_say_nothing(browser):
    for path in ("/me/phone", "/me/phone/codes", "/me/password", "/me/security/second-step"):
        assert at(browser.go(path), "/sign-in")
