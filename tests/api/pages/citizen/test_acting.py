"""The page on which an owner sees who else acts for them, and ends it."""

import re

import pytest
from sqlalchemy import select

from booking.people.accounts.household import add_member
from booking.platform.models import Account, HouseholdMember
from tests.api.pages import people
from tests.support.country import BORN, a_member, an_account, eligible_number, prove_household

pytestmark = pytest.mark.neighbours

NAME, PAGE = "أمل الخيالية", "/me/people-acting-for-me"


@pytest.fixture
def number(core):
    return eligible_number(core)


@pytest.fixture
def amal(browser, core, number):
    """An owner who is proven, at a browser."""
    people.register(browser)
    with core.sessions() as session:
        account = session.scalars(select(Account.id).where(Account.username == "amal")).one()
    a_member(core, account, number=number, relation="self")
    return browser


def test_nobody_else_acts_at_first(amal):
    assert "لا يتصرف باسم هذا الشخص إلا حسابك" in amal.go(PAGE).text


def test_a_claim_is_seen_by_its_phone_and_ended(amal, core, number):
    stranger = an_account(core)
    words = {"name": "أمل خيالية", "national_number": number, "birth_date": BORN, "relation": "other"}
    add_member(core, account_id=stranger, **words)
    amal.go(PAGE)
    assert "خيالية<" not in amal.text.replace(NAME, "")
    amal.go(re.search(rf"{PAGE}/\d+/\d+", amal.text).group()).send()
    assert amal.path == PAGE
    assert "لا يتصرف باسم هذا الشخص إلا حسابك" in amal.text
    with core.sessions() as session:
        assert session.scalars(select(HouseholdMember).where(HouseholdMember.account_id == stranger)).all() == []


def test_a_proven_account_is_sent_to_a_counter(amal, core, number):
    a_member(core, an_account(core), number=number)
    amal.go(PAGE)
    amal.go(re.search(rf"{PAGE}/\d+/\d+", amal.text).group())
    assert "القرار لموظف" in amal.text
    amal.send()
    assert amal.path == PAGE
    assert "القرار لموظف: راجع أي نافذة" in amal.text
    assert not re.search(rf"{PAGE}/\d+/\d+", amal.text)


def test_who_is_not_proven_is_led_to_the_proof(browser, core, number):
    a_member(core, an_account(core), number=number)
    people.register(browser)
    with core.sessions() as session:
        account = session.scalars(select(Account.id).where(Account.username == "amal")).one()
    member = a_member(core, account, number=number, proven=False)
    browser.go(PAGE)
    assert f'href="/household/{member}/prove?next={PAGE}"' in browser.text
    assert "حساب ينتهي" not in browser.text
    prove_household(core, account)
    assert "حساب ينتهي" in browser.go(PAGE).text


def test_a_pair_that_does_not_exist_is_not_found(amal):
    assert amal.go(f"{PAGE}/1/2").status == 404
