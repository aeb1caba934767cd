import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.country.places.views import open_slots
from booking.platform.base.errors import (
    AlreadyLiveError,
    HoldExpiredError,
    NotBookableError,
    SlotFullError,
    TooLateToCancelError,
    TooManyMovesError,
)
from booking.platform.models import Appointment, Request, Slot, SlotPool
from booking.platform.models.states import AppointmentState, Door, Pool, RequestState
from booking.scheduling.appointments.expire import lapse_offers, remind
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import cancel, move
from booking.scheduling.requests.views import appointment_view, list_requests
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.free_slots import free_slots
from tests.support.meanwhile import right_after
from tests.support.waiting import ended

pytestmark = pytest.mark.neighbours


@pytest.fixture
def slot(country):
    return free_slots(country)[0]


def a_hold(core, slot_id, key=None):
    account = an_account(core)
    member = a_member(core, account)
    held = hold(
        core, account_id=account, slot_id=slot_id, wish=a_wish((member,)), origin=an_origin(), idempotency_key=key
    )
    return account, held


def places(core, slot_id):
    with core.sessions() as session:
        return {
            pool: (total, taken)
            for pool, total, taken in session.execute(
                select(SlotPool.pool, SlotPool.places, SlotPool.taken).where(SlotPool.slot_id == slot_id)
            )
        }


def shrink(core, slot_id, count):
    with core.sessions.begin() as session:
        session.get_one(SlotPool, (slot_id, Pool.INSTANT)).places = count


def test_a_hold_takes_one_place_and_is_confirmed_in_time(country, slot):
    before = places(country, slot.slot_id)[Pool.INSTANT]
    account, held = a_hold(country, slot.slot_id)
    assert places(country, slot.slot_id)[Pool.INSTANT] == (before[0], before[1] + 1)
    assert appointment_view(country, account, held.reference).held

    confirm_hold(country, account_id=account, reference=held.reference)
    confirm_hold(country, account_id=account, reference=held.reference)

    view = appointment_view(country, account, held.reference)
    assert (view.state, view.held) == (AppointmentState.CONFIRMED, False)


@pytest.mark.alone
def test_an_unconfirmed_hold_frees_its_place_and_its_person(country, slot, clock):
    before = places(country, slot.slot_id)
    account, held = a_hold(country, slot.slot_id)
    clock.advance(timedelta(minutes=10))

    with pytest.raises(HoldExpiredError):
        confirm_hold(country, account_id=account, reference=held.reference)
    assert lapse_offers(country) == 1
    assert lapse_offers(country) == 0

    assert places(country, slot.slot_id) == before
    assert [line.state for line in list_requests(country, account)] == [RequestState.LAPSED]


@pytest.mark.alone
def test_the_last_place_goes_to_one_citizen_only(country, slot):
    shrink(country, slot.slot_id, 1)
    people = [an_account(country) for _ in range(8)]
    wishes = [(account, a_wish((a_member(country, account),))) for account in people]
    outcomes: list[object] = []

    def race(account, wish):
        try:
            outcomes.append(hold(country, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin()))
        except SlotFullError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=race, args=pair) for pair in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        ended(thread)

    assert sorted(isinstance(outcome, SlotFullError) for outcome in outcomes) == [False] + [True] * 7
    assert places(country, slot.slot_id)[Pool.INSTANT] == (1, 1)


def test_a_cancelled_instant_place_goes_to_the_draw_and_never_straight_back(country, slot):
    before = places(country, slot.slot_id)
    account, held = a_hold(country, slot.slot_id)
    confirm_hold(country, account_id=account, reference=held.reference)

    cancel(country, account_id=account, reference=held.reference)

    after = places(country, slot.slot_id)
    assert after[Pool.INSTANT] == (before[Pool.INSTANT][0] - 1, before[Pool.INSTANT][1])
    assert after[Pool.DRAW] == (before[Pool.DRAW][0] + 1, before[Pool.DRAW][1])


def test_an_appointment_that_has_begun_cannot_be_cancelled(country, slot, clock):
    account, held = a_hold(country, slot.slot_id)
    confirm_hold(country, account_id=account, reference=held.reference)
    clock.set(held.starts_at)

    with pytest.raises(TooLateToCancelError):
        cancel(country, account_id=account, reference=held.reference)


@pytest.mark.alone
def test_an_appointment_can_be_moved_at_most_twice(country, slot):
    account, held = a_hold(country, slot.slot_id)
    confirm_hold(country, account_id=account, reference=held.reference)
    with country.sessions.begin() as session:
        request = session.scalars(select(Appointment).where(Appointment.reference == held.reference)).one().request
        request.reschedules = 1

    again = move(country, account_id=account, reference=held.reference)

    lines = {line.reference: line for line in list_requests(country, account)}
    assert lines[again].state is RequestState.ACCEPTED
    with country.sessions() as session:
        asked = session.scalars(select(Request).where(Request.reference == again)).one()
    assert (asked.first_day, asked.last_day) == (slot.local_day, None), "the day itself is over before a later draw"
    with country.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == held.reference)).one()
        assert appointment.state is AppointmentState.CANCELLED
        appointment.request.reschedules = 2
    other, second = a_hold(country, slot.slot_id)
    confirm_hold(country, account_id=other, reference=second.reference)
    with country.sessions.begin() as session:
        session.scalars(
            select(Appointment).where(Appointment.reference == second.reference)
        ).one().request.reschedules = 2
    with pytest.raises(TooManyMovesError):
        move(country, account_id=other, reference=second.reference)


@pytest.mark.alone
def test_a_person_with_a_hold_cannot_hold_another(country, slot):
    account = an_account(country)
    wish = a_wish((a_member(country, account),))
    hold(country, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin())

    with pytest.raises(AlreadyLiveError):
        hold(country, account_id=account, slot_id=slot.slot_id, wish=wish, origin=an_origin())


def test_past_slots_unknown_slots_and_consulates_are_not_bookable_at_home(country, clock):
    account = an_account(country)
    wish = a_wish((a_member(country, account),))
    with country.sessions() as session:
        abroad = open_slots(session, door=Door.ABROAD, units=1, now=clock.now())[0].slot_id
        past = session.scalars(select(Slot.id).order_by(Slot.starts_at).limit(1)).one()
    for slot_id in (abroad, 10**9):
        with pytest.raises(NotBookableError):
            hold(country, account_id=account, slot_id=slot_id, wish=wish, origin=an_origin())
    clock.advance(timedelta(days=2))
    with pytest.raises(NotBookableError):
        hold(country, account_id=account, slot_id=past, wish=wish, origin=an_origin())


@pytest.mark.alone
def test_people_are_reminded_once(country, slot, clock):
    account, held = a_hold(country, slot.slot_id)
    confirm_hold(country, account_id=account, reference=held.reference)
    assert remind(country) == 0
    clock.set(held.starts_at - timedelta(days=1))

    assert remind(country) == 1
    assert remind(country) == 0


def test_a_repetition_whose_twin_is_held_meanwhile_gets_its_answer(country, slot):
    account = an_account(country)
    given = {"slot_id": slot.slot_id, "wish": a_wish((a_member(country, account),)), "origin": an_origin()}
    first = []

    def once():
        return hold(country, account_id=account, idempotency_key="key", **given)

    with right_after(country, "FROM idempotency_key", lambda: first.append(once())):
        again = once()

    assert (again.reference, again.replayed) == (first[0].reference, True)
