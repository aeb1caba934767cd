"""People correct their household, take their data and close their account, without scripts, on a small phone."""

import zipfile

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking.desk.rights.copy import make_copy
from booking.platform.models import Account, AccountCopy
from tests.journeys import steps
from tests.journeys.screens import on_screens
from tests.support.country import PASSWORD, a_request, last_secret

ARABIC, ENGLISH = "arabic-phone-scriptless", "english-phone-scriptless"
WORDS = {
    "ar": {"refusal": "هذا الشخص في طلب قائم", "answer": "نجهّز نسختك", "warning": "ينتهي طلب واحد"},
    "en": {
        "refusal": "This person is part of a live request",
        "answer": "We are preparing your copy",
        "warning": "1 request ends",
    },
}


@pytest.fixture
def owner(site, visit):
    """Somebody with a request, signed in; the visitor and their account's id."""

    def sit_down(screen):
        account_id, _ = a_request(site.core)
        with site.core.sessions() as session:
            name = session.get_one(Account, account_id).username
        visitor = visit(**screen)
        steps.come_signed_in(visitor, account_id, "/me")
        return visitor, account_id, name

    return sit_down


@on_screens(ARABIC, ENGLISH)
def test_a_household_is_edited(owner, screen):
    visitor, _, _ = owner(screen)
    page = visitor.page
    visitor.open("/household")
    visitor.follow("main a[href$='/edit']")
    page.check("input[value=spouse]")
    page.fill("#name", "أمل المتخيلة")
    visitor.press()
    expect(page.locator("#error-summary")).to_contain_text(WORDS[screen["language"]]["refusal"])
    assert page.locator("#name").input_value() == "أمل المتخيلة"
    page.fill("#name", "امل  الخيالية")
    visitor.press()
    assert visitor.path == "/household"
    expect(page.locator("main")).to_contain_text("امل الخيالية")


@on_screens(ENGLISH, ARABIC)
def test_data_are_taken(owner, site, tmp_path, screen):
    visitor, account_id, _ = owner(screen)
    page = visitor.page
    visitor.open("/me/account")
    visitor.follow("main a[href='/me/account/copy']")
    page.fill("#password", PASSWORD)
    visitor.press()
    expect(page.locator("main")).to_contain_text(WORDS[screen["language"]]["answer"])
    with site.core.sessions() as session:
        copy_id = session.scalars(select(AccountCopy.id).where(AccountCopy.account_id == account_id)).one()
    make_copy(site.core, copy_id)
    visitor.follow("main a[href='/me/account/copy']")
    page.fill("#password", PASSWORD)
    with page.expect_download() as download:
        page.locator("main button").click()
    download.value.save_as(tmp_path / "data.zip")
    assert {"data.json", "index.html"} <= set(zipfile.ZipFile(tmp_path / "data.zip").namelist())


@on_screens(ARABIC, ENGLISH)
def test_an_account_is_closed_and_opened_again(owner, site, screen):
    visitor, account_id, name = owner(screen)
    page = visitor.page
    visitor.open("/me/account/close")
    expect(page.locator("main li").first).to_contain_text(WORDS[screen["language"]]["warning"])
    page.fill("#password", "not the password")
    visitor.press()
    assert page.locator("#error-summary").count() == 1
    page.fill("#password", PASSWORD)
    visitor.press()
    assert visitor.path == "/reopen"
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    visitor.press()
    assert visitor.path == "/reopen/code"
    page.fill("#password", PASSWORD)
    page.fill("#code", last_secret(site.core, account_id, "reopen_account"))
    visitor.press()
    assert visitor.path == "/sign-in"
    steps.sign_in(visitor, name)
    assert visitor.path == "/me"
