"""More services on the same visit, on pages without scripts: added, taken off, sent, shown, and given up again."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.versions import publish_limits
from booking.platform.models import Request
from tests.api.pages import people
from tests.support.country import a_member, eligible_number


@pytest.fixture
def asking(browser, core):
    """Somebody who chose who comes for a renewal, and whose son never had a passport."""
    people.register(browser)
    account = people.account_of(browser)
    mother = a_member(core, account, name="أمل الخيالية")
    son = a_member(core, account, name="سامي الخيالي", number=eligible_number(core, never_had_passport=True))
    browser.go("/ask/begin/passport-renewal").send(people=[mother], reason="", more="yes")
    assert browser.path == "/ask/also", browser.text
    return browser, mother, son


def send(browser):
    """Answer where and when, and send the request; its reference."""
    browser.go("/ask/where").send(first="damascus")
    assert browser.path == "/ask/review", browser.text
    browser.client.app.state.core.clock.advance(timedelta(seconds=90))
    browser.send()
    assert browser.path.startswith("/requests/"), browser.text
    return browser.path.partition("?")[0].removeprefix("/requests/")


def test_a_visit_for_two_services_is_asked_for_and_shown_with_both(asking, core):
    browser, mother, son = asking
    all_or_none = "لكل ذلك، أو لا موعد"
    assert all_or_none not in browser.text  # of one service alone
    browser.send(1, service="new-passport", people=[son])
    assert browser.path == "/ask/also", browser.text
    assert all_or_none in browser.text
    assert "30 دقيقة" in browser.text or "٣٠ دقيقة" in browser.text

    reference = send(browser)

    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        assert (request.party_size, request.units) == (2, 2)
        names = [service.name_ar for service in request.services]
    assert all(name in browser.go(f"/requests/{reference}").text for name in names)
    assert all(name in browser.go("/me").text for name in names)
    browser.go(f"/requests/{reference}/change").send(services=["new-passport"], people=[mother, son])
    assert names[0] not in browser.go(f"/requests/{reference}").text
    assert names[1] in browser.text


def test_a_service_is_taken_off_again(asking):
    browser, _, son = asking
    browser.send(1, service="new-passport", people=[son])

    browser.send(0, remove="new-passport")

    assert browser.path == "/ask/also"
    assert re.search(r'type="radio"[^>]*value="new-passport"', browser.text)


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"service": "", "people": ["son"]}, "#service"),
        ({"service": "new-passport", "people": []}, "#people"),
        ({"service": "new-passport", "people": ["mother"]}, "#service"),
        ({"service": "replacement-lost", "people": ["son"], "reason": ""}, "#reason"),
        ({"service": "power-of-attorney-abroad", "people": ["son"]}, "#service"),
    ],
)
def test_what_cannot_be_added_is_said_where_it_stands(asking, typed, anchor):
    browser, mother, son = asking
    ids = {"mother": mother, "son": son}

    browser.send(1, **typed | {"people": [ids[one] for one in typed["people"]]})

    assert browser.status == 422
    assert re.search(rf'class="summary bad".*href="{anchor}"', browser.text, re.DOTALL)


def test_the_only_reason_of_a_service_needs_no_choice(asking):
    browser, _, son = asking
    browser.send(1, service="replacement-damaged", people=[son])

    assert browser.path == "/ask/also"
    assert browser.status == 200


def test_no_more_is_offered_than_the_active_policy_allows(asking, core):
    browser, _, son = asking
    publish_limits(core, changes={"services": 2})
    assert "Add to this visit" in browser.go("/language/en").go("/ask/also").text
    browser.send(1, service="new-passport", people=[son])
    assert "Add to this visit" not in browser.text, "two are all that a visit may be for"
    browser.send(0, remove="new-passport")
    assert "Add to this visit" in browser.text
    publish_limits(core, changes={"services": 1})
    assert "Add to this visit" not in browser.go("/ask/also").text
    assert "something else on the same visit" not in browser.go("/ask/people").text
