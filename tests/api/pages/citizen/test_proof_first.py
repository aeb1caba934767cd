"""Pages that need a proof lead to where it is given, and back."""

import re

import pytest
from sqlalchemy import select

from booking.platform.models import HouseholdMember
from tests.api.pages import people
from tests.support.country import eligible_number, prove_newest_member

pytestmark = pytest.mark.neighbours


@pytest.fixture
def claimed(browser, core):
    """A browser of somebody who added a person and has proven nothing; gives the member's id with it."""
    people.register(browser)
    browser.go("/household/add").send(
        relation="self",
        name="أمل الخيالية",
        national_number=eligible_number(core),
        birth_day="17",
        birth_month="5",
        birth_year="1990",
    )
    with core.sessions() as session:
        mine = select(HouseholdMember.id).where(HouseholdMember.account_id == people.account_of(browser))
        return browser, session.scalars(mine).one()


def test_asking_leads_to_the_proof_and_back(claimed):
    browser, member = claimed
    browser.go("/ask/begin/passport-renewal").send(people=[str(member)], reason="")

    assert browser.path == f"/household/{member}/prove?next=/ask/people"


def test_a_plan_says_what_is_not_known_yet(claimed):
    browser, member = claimed

    page = browser.go("/plan/passport-renewal").text

    assert "حتى تثبت هويته" in page
    assert re.search(rf'href="/household/{member}/prove\?next=/plan/passport-renewal"', page)


def test_who_is_proven_can_show_it_again(claimed, core):
    browser, member = claimed
    prove_newest_member(core)
    assert 'name="way"' not in browser.go(f"/household/{member}/prove").text
    assert 'name="way"' in browser.go(f"/household/{member}/prove?again=1&next=/ask/people").text
    browser.send(way="card")
    assert browser.path == f"/household/{member}/prove/card?next=/ask/people"
