"""Several services of one visit are booked at once, on pages without scripts: chosen, carried along, held together."""

import html
import re

import pytest
from sqlalchemy import func, select, update

from booking.antifraud.gate.versions import publish_limits
from booking.platform.models import Appointment, Office, Request, Slot, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.appointments.expire import lapse_offers
from tests.api.pages import people
from tests.api.pages.browser import form_to
from tests.support.country import a_member, eligible_number, put_rules_in_force

PAGE = "/instant/home/passport-renewal/damascus"
TIMES = re.compile(r'name="slot" value="(\d+)"')
REVIEW = '[[rule]]\nname = "all"\nwhen = "party_size > 0"\nthen = "review"\nsay.ar = "كلام"\nsay.en = "Words"\n'


@pytest.fixture
def family(browser, core):
    """A mother who renews, and her son who never had a passport, at the page of free times."""
    people.register(browser)
    account = people.account_of(browser)
    mother = a_member(core, account, name="أمل الخيالية")
    son = a_member(core, account, name="سامي الخيالي", number=eligible_number(core, never_had_passport=True))
    browser.go(f"/language/en?back={PAGE}")
    return browser, mother, son


def slow(browser, core):
    """Read the page for as long as people do."""
    core.clock.advance(core.settings.hold_lifetime)
    return browser


def hold_both(browser, core, mother, son):
    """Take the first time for the mother's renewal and the son's first passport."""
    [first, *_] = TIMES.findall(browser.text)
    return slow(browser, core).send(slot=first, people=[mother], also=[f"new-passport:{son}"])


def test_two_services_are_held_confirmed_and_shown_as_one_visit(family, core):
    browser, mother, son = family
    hold_both(browser, core, mother, son)
    assert browser.path.startswith("/appointments/"), browser.text
    browser.send(form_to(browser, "/confirm"))
    assert "Show the pass" in browser.text
    with core.sessions() as session:
        request = session.scalars(select(Request)).one()
        assert [service.code for service in request.services] == ["passport-renewal", "new-passport"]
        assert (request.party_size, request.units) == (2, 2)
        appointment = session.scalars(select(Appointment)).one()
        assert [claim.places for claim in appointment.places] == [2]
        names = [service.name_en for service in request.services]
    assert all(name in browser.text for name in names)


def test_only_times_with_room_for_all_of_it_are_shown_and_other_days_keep_it(family, core):
    browser, mother, son = family
    with core.sessions.begin() as session:
        session.execute(update(SlotPool).where(SlotPool.pool == Pool.INSTANT).values(places=1, taken=0))
        wide = session.scalars(
            select(func.max(Slot.id)).join(Office).where(Office.code == "damascus").group_by(Slot.local_day)
        ).all()[:2]
        session.execute(
            update(SlotPool).where(SlotPool.slot_id.in_(wide), SlotPool.pool == Pool.INSTANT).values(places=2)
        )
    assert len(TIMES.findall(browser.go(PAGE).text)) > 1
    browser.send(people=[mother], also=[f"new-passport:{son}"], look="yes")
    assert len(TIMES.findall(browser.text)) == 1
    assert f'value="new-passport:{son}" checked' in browser.text
    other = html.unescape(re.findall(r'href="(\?[^"]*day=[^"]+)"', browser.text)[-1])
    browser.go(PAGE + other)
    [shown] = TIMES.findall(browser.text)
    assert int(shown) in wide
    assert f'value="new-passport:{son}" checked' in browser.text
    day = re.search(r"day=([\d-]+)", other).group(1)
    browser.send(people=[mother], also=[f"new-passport:{son}"], look="yes")
    assert f'name="day" value="{day}"' in browser.text, "the day that somebody looks at stays"
    hold_both(browser, core, mother, son)
    assert browser.path.startswith("/appointments/"), browser.text

    browser.go(PAGE).send(people=[mother, son], also=[f"child-passport:{son}"], look="yes")
    assert "has room for all of this" in browser.text


def test_who_let_it_lapse_finds_services_and_people_again(family, core):
    browser, mother, son = family
    hold_both(browser, core, mother, son)
    core.clock.advance(2 * core.settings.hold_lifetime)
    lapse_offers(core)
    again = re.search(r'href="(/instant/[^"]+\?again=[^"]+)"', browser.go(browser.path).text).group(1)
    browser.go(again)
    assert re.search(rf'name="people" value="{mother}" checked', browser.text)
    assert f'value="new-passport:{son}" checked' in browser.text
    assert not re.search(rf'name="people" value="{son}" checked', browser.text)


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("also", "wrong"),
    [
        ("replacement-lost:{son}", "reason_replacement-lost"),
        ("new-passport:999999", "people"),
        ("power-of-attorney-abroad:{son}", "also"),
        ("replacement-lost:{mother}", "also"),
    ],
)
def test_what_cannot_be_on_the_visit_is_refused_where_it_stands(family, core, also, wrong):
    browser, mother, son = family
    [first, *_] = TIMES.findall(browser.text)
    reason = {"reason_replacement-lost": "lost"} if wrong == "also" else {}
    slow(browser, core).send(slot=first, people=[mother], also=[also.format(mother=mother, son=son)], **reason)
    assert browser.status == 422, browser.text
    assert re.search(rf'class="summary bad".*href="#{wrong}"', browser.text, re.DOTALL)
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_what_a_policy_no_longer_allows_is_refused_and_not_left_out(family, core):
    browser, mother, son = family
    publish_limits(core, changes={"services": 1})
    hold_both(browser, core, mother, son)
    assert (browser.status, 'name="also"' in browser.text) == (422, False)
    assert re.search(r'class="summary bad".*href="#people"', browser.text, re.DOTALL), "what it names is on the page"
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0


def test_all_of_it_goes_along_into_the_draw(family, core):
    browser, mother, son = family
    put_rules_in_force(core, source=REVIEW)
    hold_both(browser, core, mother, son)
    browser.send(form_to(browser, "/draw"))
    assert browser.path == "/ask/where", browser.text
    browser.go("/ask/also")
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Request)) == 0
    assert re.search(r"First passport|New passport", browser.text)
    assert "سامي الخيالي" in browser.text.split("Add a service")[0]
