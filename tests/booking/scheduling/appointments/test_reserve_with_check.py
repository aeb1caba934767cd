"""An instant booking that the gate wants checked: the place is kept, then one short check, then the confirmation."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.gate.versions import publish_limits
from booking.platform.base.errors import (
    HoldExpiredError,
    IllegalMoveError,
    NotFoundError,
    ReviewNeededError,
    TooManyHoldsError,
)
from booking.platform.models import Account, PhoneChange, Request, SlotPool, Verdict
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.expire import lapse_challenges, lapse_offers
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, confirm, move
from booking.scheduling.appointments.unconfirmed_holds import refuse_another_hold
from booking.scheduling.requests.prove import answer_with_proof, send_challenge, ways_to_pass
from booking.scheduling.requests.review import answer_challenge
from booking.scheduling.requests.views import appointment_view, list_requests, request_view
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_member, a_wish, an_account, an_origin, last_secret, put_rules_in_force
from tests.support.free_slots import free_slots
from tests.support.proofs import solution_of

FAST = 3.0


@pytest.fixture
def slot(country):
    return free_slots(country)[0].slot_id


class Fast:
    """An honest person who filled in the form in three seconds, and the place that they chose."""

    def __init__(self, core, slot):
        self.core, self.slot = core, slot
        self.account = an_account(core)
        self.wish = a_wish((a_member(core, self.account),))
        self.origin = replace(an_origin(), seconds=FAST)
        self.held = self.hold()

    def hold(self):
        return hold(self.core, account_id=self.account, slot_id=self.slot, wish=self.wish, origin=self.origin)

    def type_code(self):
        send_challenge(self.core, account_id=self.account, reference=self.held.request, origin=self.origin)
        code = last_secret(self.core, self.account, "challenge")
        answer_challenge(self.core, account_id=self.account, reference=self.held.request, code=code)

    def compute(self):
        publish_limits(self.core, changes={"code_from": 1.0})  # whatever the score
        about = {"account_id": self.account, "session_token": "a session", "reference": self.held.request}
        proof = ways_to_pass(self.core, **about).proof
        answer_with_proof(self.core, **about, solution=solution_of(proof), origin=self.origin)

    def confirm(self):
        confirm_hold(self.core, account_id=self.account, reference=self.held.reference)

    @property
    def request(self):
        return request_view(self.core, self.account, self.held.request)

    @property
    def appointment(self):
        return appointment_view(self.core, self.account, self.held.reference)


@pytest.fixture
def fast(country, slot):
    return Fast(country, slot)


def taken(core, slot):
    with core.sessions() as session:
        return session.scalars(
            select(SlotPool.taken).where(SlotPool.slot_id == slot, SlotPool.pool == Pool.INSTANT)
        ).one()


@pytest.mark.parametrize("passes", [Fast.type_code, Fast.compute])
def test_a_person_who_typed_too_fast_passes_a_check_and_gets_the_place(fast, country, slot, clock, passes):
    assert (fast.held.state, taken(country, slot)) == (RequestState.CHALLENGED, 1)
    assert fast.appointment.held
    clock.advance(timedelta(minutes=8))

    passes(fast)

    assert (fast.request.state, fast.request.reasons[0]["code"][:10]) == (RequestState.HELD, "challenge_")
    assert fast.appointment.confirm_by == clock.now() + country.settings.hold_lifetime
    fast.confirm()
    assert (fast.appointment.state, fast.request.state) == (AppointmentState.CONFIRMED, RequestState.DRAWN)
    assert taken(country, slot) == 1


def test_the_check_of_a_held_place_cannot_be_bypassed(fast):
    about = {"account_id": fast.account, "reference": fast.held.reference}
    for way in (confirm_hold, confirm, move):
        with pytest.raises(IllegalMoveError):
            way(fast.core, **about)
    with pytest.raises(IllegalMoveError):
        withdraw(fast.core, account_id=fast.account, reference=fast.held.request)
    assert (fast.appointment.state, fast.request.state) == (AppointmentState.OFFERED, RequestState.CHALLENGED)
    cancel(fast.core, **about)
    assert fast.request.state is RequestState.WITHDRAWN


def test_a_hold_is_only_confirmed_as_a_hold(country, slot):
    """The confirmation of a draw's offer would leave the request held for ever."""
    account = an_account(country)
    wish = a_wish((a_member(country, account),))
    held = hold(country, account_id=account, slot_id=slot, wish=wish, origin=an_origin())
    assert held.state is RequestState.HELD
    for way in (confirm, move):
        with pytest.raises(IllegalMoveError):
            way(country, account_id=account, reference=held.reference)


def test_a_place_whose_check_is_not_passed_in_time_is_free_again(fast, country, slot, clock):
    clock.advance(country.settings.hold_lifetime)
    assert (lapse_offers(country), taken(country, slot)) == (1, 0)
    for late in (fast.type_code, fast.compute):
        with pytest.raises(HoldExpiredError):
            late()
    assert [line.state for line in list_requests(country, fast.account)] == [RequestState.LAPSED]
    assert fast.hold().state is RequestState.CHALLENGED


def test_a_check_passed_before_the_place_is_free_again_keeps_it(fast, country, slot, clock):
    clock.advance(country.settings.hold_lifetime)
    fast.type_code()
    assert (lapse_offers(country), taken(country, slot)) == (0, 1)
    fast.confirm()


def test_an_overdue_check_of_a_held_place_ends_with_its_place(fast, country, slot, clock):
    clock.advance(timedelta(days=3, hours=1))
    assert (lapse_challenges(country), lapse_offers(country)) == (0, 1)
    assert (fast.request.state, taken(country, slot)) == (RequestState.LAPSED, 0)


def test_a_request_that_needs_an_officer_takes_no_place_and_says_why(country, slot):
    review = '[[rule]]\nname = "all"\nwhen = "party_size > 0"\nthen = "review"\nsay.ar = "كلام"\nsay.en = "Words"\n'
    put_rules_in_force(country, source=review)
    account = an_account(country)
    wish = a_wish((a_member(country, account),))
    with pytest.raises(ReviewNeededError) as refused:
        hold(country, account_id=account, slot_id=slot, wish=wish, origin=an_origin())
    assert [reason["en"] for reason in refused.value.reasons] == ["Words"]
    assert (list_requests(country, account), taken(country, slot)) == ([], 0)


def test_measured_facts_are_shown_to_officers_only(fast, country):
    measured = {"code": "fact.form_seconds", "ar": "المقيس", "en": "What counted"}
    with country.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == fast.held.request)).one()
        verdict = session.scalars(select(Verdict).where(Verdict.request_id == request.id)).one()
        verdict.reasons = [*verdict.reasons, measured]
    assert [reason["code"] for reason in fast.request.reasons][:1] == ["rule"]
    assert measured not in fast.request.reasons
    with pytest.raises(NotFoundError):
        request_view(country, an_account(country), fast.held.request)


def test_a_phone_cannot_keep_places_all_day_without_confirming_one(fast, country, clock):
    """A place that is given back counts, since it goes to a later draw; so does another account with the phone."""
    asked_at = clock.now()
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        cancel(country, account_id=fast.account, reference=fast.held.reference)
        fast.held = fast.hold()
    cancel(country, account_id=fast.account, reference=fast.held.reference)
    with pytest.raises(TooManyHoldsError) as refused:
        fast.hold()
    assert refused.value.retry_after == int((asked_at + timedelta(days=1) - clock.now()).total_seconds())
    with country.sessions() as session:
        phone = session.get_one(Account, fast.account).phone_hash
        another = {"account_id": an_account(country), "phone_hash": phone}
        with pytest.raises(TooManyHoldsError):
            refuse_another_hold(session, **another, now=clock.now())
        refuse_another_hold(session, **another, now=clock.now() + timedelta(days=1))


def test_another_phone_begins_no_new_count_of_holds(fast, country, clock):
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        cancel(country, account_id=fast.account, reference=fast.held.reference)
        fast.held = fast.hold()
    neighbour, new = an_account(country), b"another phone".ljust(32)
    with country.sessions() as session:
        phone = session.get_one(Account, fast.account).phone_hash
        refuse_another_hold(session, account_id=neighbour, phone_hash=new, now=clock.now())
        change = {"new_ciphertext": b"", "new_hash": new, "created_at": clock.now(), "done_at": clock.now()}
        session.add(PhoneChange(account_id=neighbour, old_hash=phone, **change))
        session.flush()
        with pytest.raises(TooManyHoldsError):
            refuse_another_hold(session, account_id=neighbour, phone_hash=new, now=clock.now())
        session.rollback()


def test_a_hold_that_was_confirmed_and_cancelled_later_does_not_count(fast, country, clock):
    fast.type_code()
    fast.confirm()
    for _ in range(3):
        cancel(country, account_id=fast.account, reference=fast.held.reference)
        fast.held = fast.hold()
    cancel(country, account_id=fast.account, reference=fast.held.reference)
    with pytest.raises(TooManyHoldsError):
        fast.hold()
