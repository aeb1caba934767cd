"""The pages on which people take a copy of their data, close their account and open it again."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.desk.rights.copy import make_copy
from booking.platform.models import AccountCopy, Request
from booking.platform.models.states import RequestState
from tests.api.pages.people import account_of, add_person, has_asked, last_code, register
from tests.support.country import PASSWORD

pytestmark = pytest.mark.neighbours


def test_a_copy_is_asked_for_made_and_fetched_once(browser, core):
    register(browser)
    browser.go("/me/account/copy").send(password="not the password")
    assert browser.status == 422
    browser.send(password=PASSWORD)
    assert browser.path == "/me/account/copy"
    assert "نجهّز نسختك" in browser.text
    with core.sessions() as session:
        mine = select(AccountCopy.id).where(AccountCopy.account_id == account_of(browser))
        copy_id = session.scalars(mine).one()
    make_copy(core, copy_id)

    browser.go("/me/account/copy").send(password="not the password")
    assert browser.status == 422
    browser.send(password=PASSWORD)
    assert browser.response.headers["content-type"] == "application/zip"
    assert browser.response.headers["cache-control"] == "no-store"
    assert "data.json" in zipfile.ZipFile(io.BytesIO(browser.response.content)).namelist()
    assert "طلب نسخة" in browser.go("/me/account/copy").text


def test_closing_says_what_ends_and_signs_out_and_the_owner_opens_it_again(browser, core, clock):
    register(browser)
    add_person(browser, core)
    reference = has_asked(browser)
    browser.go("/me/account/close")
    assert "ينتهي طلب واحد مع ما كسبه من أولوية." in browser.text
    assert "لك 30 يومًا" in browser.text.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))
    browser.send(password="not the password")
    assert browser.status == 422

    browser.send(password=PASSWORD)
    assert browser.path == "/reopen"
    with core.sessions() as session:
        state = session.scalars(select(Request.state).where(Request.reference == reference)).one()
    assert state is RequestState.WITHDRAWN
    assert browser.go("/me").path.startswith("/sign-in")
    browser.send(username="amal", password=PASSWORD)
    assert browser.status == 403
    assert 'href="/reopen"' in browser.text

    clock.advance(timedelta(seconds=1))
    browser.go("/reopen").send(username="amal", password=PASSWORD)
    assert browser.path == "/reopen/code", browser.text
    assert 'value="amal"' in browser.text
    browser.send(password=PASSWORD, code="000000")
    assert browser.status == 422
    browser.send(password=PASSWORD, code=last_code(browser, "amal"))
    assert browser.path == "/sign-in", browser.text
    browser.send(username="amal", password=PASSWORD)
    assert browser.path == "/me", browser.text
