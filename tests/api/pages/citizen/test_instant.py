"""A fast honest person books at once on pages without scripts: one check that exists, then the appointment."""

import html
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.antifraud.gate.versions import publish_limits
from booking.platform.models import Office, Slot, SlotPool
from booking.platform.models.states import Pool
from booking.scheduling.appointments.expire import lapse_offers
from tests.api.pages.browser import form_to
from tests.api.pages.people import add_person, last_code, register
from tests.support.country import put_rules_in_force
from tests.support.proofs import solution_of

PAGE = "/instant/home/passport-renewal/damascus"


def choose(browser):
    """Choose the first time and send it in no time at all."""
    browser.go(f"/language/en?back={PAGE}")
    slot, person = (re.search(rf'name="{name}" value="(\d+)"', browser.text).group(1) for name in ("slot", "people"))
    return browser.send(slot=slot, people=[person])


@pytest.fixture
def fast(browser, core):
    register(browser)
    add_person(browser, core)
    return choose(browser)


def test_a_person_who_was_too_fast_types_a_code_and_gets_the_place(fast, clock):
    assert fast.path.startswith("/requests/"), fast.text
    assert "is kept for you until" in fast.text
    for measured in ("What counted", "three days", "seconds from", "Withdraw"):
        assert measured not in fast.text, measured
    assert fast.text.count("one short check") == 1, "told twice"
    clock.advance(timedelta(seconds=1))  # the notice with the code is later than all others
    fast.send(form_to(fast, "/code"))
    fast.send(form_to(fast, "/challenge"), code="000000")
    assert "is kept for you until" in fast.text
    fast.send(form_to(fast, "/challenge"), code=last_code(fast, "amal"))
    assert fast.path.startswith("/appointments/"), fast.text
    fast.send(form_to(fast, "/confirm"))
    assert "Show the pass" in fast.text


def test_a_device_passes_the_check_and_the_place_can_be_confirmed(fast, core):
    publish_limits(core, changes={"code_from": 1.0})  # whatever the score
    request = fast.path
    appointment = re.search(r"/appointments/[A-Z0-9-]+", fast.text).group()
    fast.go(appointment)
    assert "Do the check" in fast.text
    assert all(not form.action.endswith("/confirm") for form in fast.forms())
    assert f'href="{request}">Do the check' in fast.go("/me").text
    challenge = re.search(r'data-challenge="([^"]+)"', fast.go(request).text).group(1)
    fast.send(form_to(fast, "/proof"), solution=solution_of(json.loads(html.unescape(challenge))))
    assert fast.path == appointment, fast.text
    assert form_to(fast, "/confirm") >= 0


def test_a_late_check_lets_the_same_people_choose_again(fast, core, clock):
    page = fast.path
    fast.send(form_to(fast, "/code"))
    clock.advance(core.settings.hold_lifetime + timedelta(minutes=1))
    lapse_offers(core)
    fast.send(form_to(fast, "/challenge"), code="123456")
    assert (fast.path.split("/")[:3], fast.status) == (page.split("/")[:3], 409)
    again = re.search(r'href="(/instant/[^"]+)"', fast.text).group(1)
    fast.go(again)
    assert re.search(r'name="people" value="\d+" checked', fast.text)
    assert re.search(r'href="/instant/[^"]+">Choose a time again', fast.go(page).text)


def test_an_expatriate_reads_both_clocks_and_looks_at_another_day(browser, core):
    register(browser, door="abroad", phone="+4915123456789")
    add_person(browser, core)
    page = "/instant/abroad/passport-renewal/muscat"
    browser.go(f"/language/en?back={page}")
    assert "local time at the consulate: Gulf Standard Time" in browser.text.replace("\n", "")
    assert re.search(r"yours: \d+:\d\d", browser.text)
    since = re.search(r'name="shown" value="([^"]+)"', browser.text).group(1)
    another = html.unescape(re.findall(r'href="(\?day=[^"]+)"', browser.text)[1])
    browser.go(page + another)
    assert f'name="shown" value="{since}"' in browser.text, "they have been here since the first day"
    assert re.search(r'href="[^"]+" aria-current="true"', browser.text)
    assert "yours:" not in browser.go("/instant/abroad/passport-renewal/berlin").text


def test_only_times_with_room_for_everyone_ticked_are_shown(browser, core):
    register(browser)
    add_person(browser, core)
    with core.sessions.begin() as session:
        session.execute(update(SlotPool).where(SlotPool.pool == Pool.INSTANT).values(places=1, taken=0))
        slot = session.scalar(select(func.max(Slot.id)).join(Office).where(Office.code == "damascus"))
        session.execute(
            update(SlotPool).where(SlotPool.slot_id == slot, SlotPool.pool == Pool.INSTANT).values(places=2)
        )
    times = re.compile(r'name="slot" value="(\d+)"')
    assert len(times.findall(browser.go(PAGE).text)) > 1
    ticked = browser.forms()[0].fields["people"] * 2
    browser.send(people=ticked)
    assert times.findall(browser.text) == [str(slot)]


@pytest.fixture
def looked_at(browser, core):
    """A person whom an officer must see first."""
    put_rules_in_force(
        core,
        source='[[rule]]\nname = "all"\nwhen = "party_size > 0"\nthen = "review"\nsay.ar = "كلام"\nsay.en = "Words"\n',
    )
    register(browser)
    add_person(browser, core)
    return browser


def test_a_request_for_an_officer_goes_to_the_draw_with_its_answers(looked_at):
    browser = choose(looked_at)
    assert browser.status == 409
    assert "You have begun a request" not in browser.text
    assert "An officer looks at this request first" in browser.text
    browser.send(form_to(browser, "/draw"))
    assert browser.path == "/ask/where", browser.text
    browser.send()
    browser.send(form_to(browser, "/ask/review"))
    assert "An officer is looking at it" in browser.text


def test_switching_to_the_draw_warns_before_replacing_a_draft(looked_at):
    looked_at.go("/ask/begin/new-passport")
    browser = choose(looked_at)
    assert "You have begun a request: First passport." in browser.text
    assert "First passport" in browser.go("/ask/people").text
