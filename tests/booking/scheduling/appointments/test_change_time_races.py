"""Changes at the same moment as something else: nobody has two appointments or none in the end, and places fit."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from booking.country.core.register import open_national_number
from booking.platform.base.errors import AlreadyLiveError, IllegalMoveError, MawidError, SlotFullError
from booking.platform.models import Appointment, AppointmentPlaces, HouseholdMember, Request, RequestMember, SlotPool
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, Pool
from booking.scheduling.appointments.change_time import Changed
from booking.scheduling.appointments.errors import NotChangeableError
from booking.scheduling.appointments.reserve import hold
from booking.scheduling.appointments.respond import cancel
from tests.booking.scheduling.appointments.changing import a_holder
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.effort import examples
from tests.support.free_slots import free_slots
from tests.support.meanwhile import refused_after, right_after
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.neighbours

TIMES = range(examples(2, nightly=40))


def roomy(core, count=3):
    """Some slots, each with room for two more people at least."""
    return [slot.slot_id for slot in free_slots(core) if slot.free >= 2][:count]


def at_once(*acts):
    """Do all of this at the same moment; return what each gave, or the kind of error that it raised."""
    together = Barrier(len(acts), timeout=PATIENCE)

    def run(act):
        together.wait()
        try:
            return act()
        except MawidError as error:
            return type(error)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def live_of(core, holder):
    """The live appointments of a holder's account."""
    with core.sessions() as session:
        return session.scalars(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(Request.account_id == holder.account, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        ).all()


def check_places(core):
    """What each pool says is taken is what live appointments take, and it fits; everybody has one live turn."""
    with core.sessions() as session:
        claims = session.execute(
            select(AppointmentPlaces.slot_id, AppointmentPlaces.pool, AppointmentPlaces.places)
            .join(Appointment)
            .where(Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        ).all()
        held = Counter()
        for slot_id, pool, places in claims:
            held[slot_id, pool] += places
        for slot_id, pool, places, taken in session.execute(
            select(SlotPool.slot_id, SlotPool.pool, SlotPool.places, SlotPool.taken).where(SlotPool.taken > 0)
        ):
            assert taken == held.pop((slot_id, pool), 0) <= places
        assert not held
        turns = session.execute(select(func.count()).where(RequestMember.live).group_by(RequestMember.person_id))
        assert {count for (count,) in turns} <= {1}


def test_a_change_and_a_cancellation_at_once_are_one_of_both(country):
    for _ in TIMES:
        first, second = roomy(country, 2)
        holder = a_holder(country, first)
        give_up = partial(cancel, country, account_id=holder.account, reference=holder.reference)
        changed, cancelled = at_once(partial(holder.change, second), give_up)
        states = [one.state for one in live_of(country, holder)]
        if cancelled is None:
            assert (changed, states) == (NotChangeableError, [])
        else:
            assert (cancelled, states) == (IllegalMoveError, [AppointmentState.CONFIRMED])
        check_places(country)


def test_two_changes_of_one_appointment_at_once_are_one(country):
    for _ in TIMES:
        first, *others = roomy(country)
        holder = a_holder(country, first)
        # each has the appointment as it was, also who comes when the other one is through
        results = at_once(*(partial(replace(holder).change, slot) for slot in others))
        assert results.count(NotChangeableError) == 1
        assert len(live_of(country, holder)) == 1
        check_places(country)


def test_the_last_place_is_one_persons_and_the_others_keep_theirs(country):
    wanted, *slots = roomy(country, 4)
    with country.sessions.begin() as session:
        last = session.get_one(SlotPool, (wanted, Pool.INSTANT))
        last.places = last.taken + 1
    holders = [a_holder(country, slot) for slot in slots]
    results = at_once(*(partial(one.change, wanted) for one in holders))
    assert results.count(SlotFullError) == 2
    assert [len(live_of(country, one)) for one in holders] == [1, 1, 1]
    check_places(country)


def test_people_who_go_to_each_others_times_do_not_wait_in_a_ring(country):
    for _ in TIMES:
        slots = roomy(country, 2)
        holders = [a_holder(country, slot) for slot in slots]
        there = zip(holders, reversed(slots), strict=True)
        results = at_once(*(partial(one.change, slot) for one, slot in there))
        assert all(isinstance(one, Changed) for one in results), results
        check_places(country)


def test_another_account_finds_the_person_taken_before_during_and_after(country):
    for _ in TIMES:
        first, second = roomy(country, 2)
        holder, other = a_holder(country, first), an_account(country)
        with country.sessions() as session:
            person = session.get_one(HouseholdMember, holder.people[0]).person
            number = open_national_number(country.vault, person)
        wish = a_wish((a_member(country, other, number=number),))
        book = partial(hold, country, account_id=other, slot_id=second, wish=wish, origin=an_origin())
        changed, booked = at_once(partial(holder.change, second), book)
        assert booked is AlreadyLiveError
        assert changed.reference == holder.reference
        check_places(country)


def test_somebody_who_is_checked_in_meanwhile_keeps_the_appointment(country):
    first, second = roomy(country, 2)
    holder = a_holder(country, first)

    def checked_in(session):
        own = select(Appointment).where(Appointment.reference == holder.reference).with_for_update(of=Appointment)
        session.scalars(own).one().check_in(country.clock.now(), 1)

    refused = refused_after(country, checked_in, partial(holder.change, second))
    assert isinstance(refused, NotChangeableError)
    check_places(country)


def test_who_comes_while_another_change_is_judged_is_told_of_that_one(country):
    first, second, third = roomy(country)
    holder = a_holder(country, first)
    changes = right_after(country, "FROM appointment_places", lambda: replace(holder).change(second))
    with changes, pytest.raises(NotChangeableError):
        holder.change(third)
    assert len(live_of(country, holder)) == 1
    check_places(country)
