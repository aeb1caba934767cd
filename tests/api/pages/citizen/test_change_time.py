"""Somebody sees a better free time, reads what they give up for it, and has it; or keeps what they have."""

import re

import pytest
from sqlalchemy import select, update

from api.deps import LANGUAGE_COOKIE
from booking.platform.models import Appointment, Request, SlotPool
from booking.platform.models.states import AppointmentState, Pool
from booking.scheduling.appointments.respond import MOST_MOVES
from tests.booking.desk.counter.visits import a_visit
from tests.support.country import put_rules_in_force

REVIEW = '[[rule]]\nname = "all"\nwhen = "party_size > 0"\nthen = "review"\nsay.ar = "كلام"\nsay.en = "Words of why"\n'


@pytest.fixture
def visit(core):
    return a_visit(core, days=4)


@pytest.fixture
def amal(sign_in, visit):
    return sign_in(visit.account_id).given(LANGUAGE_COOKIE, "en")


def the_choice(browser, visit):
    """Go from the appointment to its free times, and return the addresses of those that are shown."""
    browser.go(f"/appointments/{visit.reference}")
    assert "Choose another available time" in browser.text
    browser.go(f"/appointments/{visit.reference}/time")
    return re.findall(rf'href="(/appointments/{visit.reference}/time/\d+)"', browser.text)


def test_a_better_time_is_chosen_read_and_confirmed(core, amal, visit):
    *_, last = the_choice(amal, visit)
    amal.go(last)
    before, after = amal.text.split("You give up")
    assert "You get" in before
    assert "cannot get it back" in after
    amal.send()
    assert (amal.status, "Your appointment is changed." in amal.text) == (200, True)
    assert amal.path != f"/appointments/{visit.reference}"
    assert visit.row.state is AppointmentState.CANCELLED
    new = amal.path.rpartition("/")[2].replace("-", "")
    with core.sessions() as session:
        [live] = session.scalars(select(Appointment).where(Appointment.state == AppointmentState.CONFIRMED))
    assert live.reference == new
    assert amal.go(f"/appointments/{visit.reference}/time").status == 409
    old = amal.go(f"/appointments/{visit.reference}").text
    assert f'href="/appointments/{new}"' in old, "who comes back by an old link finds the appointment that is there"
    assert "no longer have this appointment" not in old
    amal.go(f"/appointments/{new}/cancel")
    amal.send()
    assert "no longer have this appointment" in amal.go(f"/appointments/{visit.reference}").text


def test_how_many_changes_are_left_is_said_before_one_is_spent(core, amal, visit):
    first, *_ = the_choice(amal, visit)
    assert "you can change or move the appointment 1 more time." in amal.go(first).text
    with core.sessions.begin() as session:
        session.execute(update(Request).values(reschedules=MOST_MOVES - 1))
    assert "This is the last time that you can change or move the appointment." in amal.go(first).text


@pytest.mark.parametrize("slot", [10**30, -(10**30), 0])
def test_a_number_that_no_time_can_have_is_unknown(amal, visit, slot):
    first, *_ = the_choice(amal, visit)
    fields = amal.go(first).forms()[0].fields
    there = f"/appointments/{visit.reference}/time/{slot}"
    assert (amal.go(there).status, amal.post(there, fields).status) == (404, 404)
    assert visit.row.state is AppointmentState.CONFIRMED


def test_the_same_time_is_not_among_those_to_choose_and_others_offices_are(amal, visit):
    own = {str(claim.slot_id) for claim in visit_places(visit)}
    assert not own & {re.search(r"/time/(\d+)", one).group(1) for one in the_choice(amal, visit)}
    other = re.search(r'href="([^"]+/time\?office=homs)"', amal.text).group(1)
    assert "Homs" in amal.go(other).text
    assert amal.go(f"/appointments/{visit.reference}/time?office=atlantis").status == 404


def visit_places(visit):
    with visit.core.sessions() as session:
        return session.scalars(select(Appointment).where(Appointment.reference == visit.reference)).one().places


def test_a_time_that_is_gone_or_looked_at_first_leaves_the_appointment(core, amal, visit):
    first, *_ = the_choice(amal, visit)
    amal.go(first)
    put_rules_in_force(core, source=REVIEW)
    amal.send()
    assert (amal.status, visit.row.state) == (409, AppointmentState.CONFIRMED)
    assert "Words of why" in amal.text
    assert "Your appointment stays as it is." in amal.text
    amal.go(first)
    with core.sessions.begin() as session:
        session.execute(update(SlotPool).where(SlotPool.pool == Pool.INSTANT).values(taken=SlotPool.places))
    amal.send()
    assert (amal.status, visit.row.state) == (409, AppointmentState.CONFIRMED)
    assert "No available appointments at the moment." in amal.text
    assert amal.go(first).status == 409


def test_an_appointment_that_moved_meanwhile_is_not_given_up_unseen(core, amal, visit):
    first, *_ = the_choice(amal, visit)
    amal.go(first)
    with core.sessions.begin() as session:
        later = session.scalars(select(Appointment).where(Appointment.reference == visit.reference)).one()
        later.starts_at, later.ends_at = later.ends_at, later.ends_at + (later.ends_at - later.starts_at)
    amal.send()
    assert (amal.status, visit.row.state) == (409, AppointmentState.CONFIRMED)
    assert "Your appointment was moved meanwhile" in amal.text
