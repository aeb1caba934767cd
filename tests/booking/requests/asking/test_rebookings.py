"""Who is taken for somebody that gives places up for others, by what the gate counts in the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.appointments.change_time import change_time
from booking.appointments.reserve import confirm_hold, hold
from booking.appointments.respond import cancel, move
from booking.models import Appointment, Request, Verdict
from booking.models.states import AppointmentState, RequestState
from booking.requests.ask import ask
from tests.booking.appointments.changing import free_slots
from tests.booking.helpers.helped import a_helper, agreed, an_offer, ask_it
from tests.country import a_member, a_wish, an_account, an_origin

RULE = "rule.gives-places-up-and-asks-for-others"
PHONE = "+963966123456"
MINUTE = timedelta(minutes=1)


class Household:
    """An account with people, each of whom is asked for alone, as a parent does who does it one by one."""

    def __init__(self, core, people):
        self.core, self.account = core, an_account(core)
        self.people = [a_member(core, self.account) for _ in range(people)]
        self.slots = [slot.slot_id for slot in free_slots(core)]

    def booked(self, member):
        """Book a place at once for one of them; the appointment's reference."""
        wish = a_wish((member,))
        held = hold(self.core, account_id=self.account, slot_id=self.slots.pop(), wish=wish, origin=an_origin())
        confirm_hold(self.core, account_id=self.account, reference=held.reference)
        return held.reference

    def cancels(self, reference):
        cancel(self.core, account_id=self.account, reference=reference)
        self.core.clock.advance(MINUTE)

    def moves(self, reference):
        move(self.core, account_id=self.account, reference=reference)
        self.core.clock.advance(MINUTE)

    def changes(self, reference):
        slot = self.slots.pop()
        change_time(self.core, account_id=self.account, reference=reference, slot_id=slot, origin=an_origin())
        self.core.clock.advance(MINUTE)

    def asks(self, member):
        """Ask for one of them: the facts by which it was judged, and the rules that fired."""
        asked = ask(self.core, account_id=self.account, wish=a_wish((member,)), origin=an_origin())
        self.core.clock.advance(MINUTE)
        return judged(self.core, asked.reference)


@pytest.fixture
def core(country):
    return country


def judged(core, reference):
    with core.sessions() as session:
        request = select(Request.id).where(Request.reference == reference).scalar_subquery()
        verdict = session.scalars(select(Verdict).where(Verdict.request_id == request)).one()
        return verdict.inputs["facts"], [one["code"] for one in verdict.reasons if one["code"].startswith("rule.")]


def gives_up(core, offer):
    """Cancel an offer that has no places: what is kept of it is what `cancel` keeps."""
    with core.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == offer)).one()
        appointment.end(AppointmentState.CANCELLED, core.clock.now())
        appointment.request.move_to(RequestState.WITHDRAWN)
    core.clock.advance(MINUTE)


def test_a_family_that_moves_all_its_appointments_gave_up_none_for_others(core):
    family = Household(core, 5)
    *booked, last = family.people
    for reference in [family.booked(member) for member in booked]:
        family.moves(reference)
    facts, fired = family.asks(last)
    assert (facts["cancellations_90d"], facts["rebookings_30d"], facts["people_on_phone_30d"]) == (4, 0, 4)
    assert fired == []


def test_a_family_that_changes_its_times_after_a_cancelling_is_let_on(core):
    family = Household(core, 5)
    ill, *others = [family.booked(member) for member in family.people]
    family.cancels(ill)
    for reference in others:
        family.changes(reference)
    facts, fired = family.asks(family.people[0])
    assert (facts["rebookings_30d"], facts["people_on_phone_30d"], fired) == (0, 5, [])


def test_a_parent_who_cancels_a_childs_and_asks_for_another_is_let_on(core):
    family = Household(core, 6)
    family.cancels(family.booked(family.people[0]))
    for member in family.people[1:4]:
        facts, fired = family.asks(member)
        assert (facts["rebookings_30d"] <= 2, fired) == (True, [])


def test_who_gives_one_place_up_and_asks_for_many_meets_an_officer(core):
    seller = Household(core, 6)
    seller.cancels(seller.booked(seller.people[0]))
    fired = [seller.asks(member)[1] for member in seller.people[1:]]
    assert fired == [[], [], [], [RULE], [RULE]]


def test_what_a_helper_passes_on_is_not_found_by_account(core):
    shop = a_helper(core)
    for number in range(4):
        consent = agreed(core, shop, phone=PHONE)
        asked = ask_it(core, shop, consent)
        facts, fired = judged(core, asked.reference)
        assert (facts["people_on_phone_30d"], facts["phone_is_registered_helper"]) == (number, True)
        assert (facts["rebookings_30d"], fired) == (0, [])
        gives_up(core, an_offer(core, asked.reference))
