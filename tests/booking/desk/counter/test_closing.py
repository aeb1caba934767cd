"""Close an office-day: everyone is moved or drawn again exactly once, told once, and nothing is half done."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.desk.counter.closing import apply, ask_to_close, drop, plan
from booking.desk.counter.closing_views import closure_view
from booking.desk.counter.errors import PlanOutdatedError
from booking.platform.base.errors import (
    DrawRunningError,
    ForbiddenError,
    IllegalMoveError,
    InvalidInputError,
    MawidError,
    SlotFullError,
)
from booking.platform.models import AppointmentMove, Closure, Outcome, SlotPool
from booking.platform.models.states import AppointmentState, ClosureState, Pool, RequestState, Role
from booking.scheduling.appointments.respond import cancel, confirm
from tests.booking.desk.counter.closed_days import (
    DAY,
    an_appointment,
    carry_out,
    check_places,
    closed,
    found,
    places_of_day,
    staff,
    told,
)
from tests.booking.scheduling.draws.conftest import open_world
from tests.booking.scheduling.draws.world import FIRST_DAY, NOW
from tests.support.effort import examples
from tests.support.waiting import PATIENCE

MOVES = {"moved_by_office", "displaced"}


def test_people_move_to_the_next_day_and_are_notified_once(world, two_days):
    first, second, officer = two_days
    family, single = an_appointment(world, {first[0]: 2, first[1]: 1}, "a"), an_appointment(world, {first[1]: 1}, "a")
    carry_out(world, officer)

    for reference, units in ((family, 3), (single, 1)):
        appointment = found(world, reference)
        assert appointment.state is AppointmentState.CONFIRMED
        assert {place.slot_id for place in appointment.places} <= set(second)
        assert sum(place.places for place in appointment.places) == units
        assert appointment.request.state is RequestState.DRAWN
        assert told(world, reference) == ["moved_by_office"]
    assert places_of_day(world, "a") == 0
    check_places(world)


def test_a_plan_changes_nothing_before_it_is_carried_out(world, two_days):
    first, _, officer = two_days
    reference = an_appointment(world, {first[0]: 1}, "a")
    closure = closed(world, officer)

    (move,) = closure_view(world.core, officer_id=officer, closure_id=closure).moves
    assert (move.office.code, move.line.appointment.reference) == ("a", reference)
    assert found(world, reference).places[0].slot_id == first[0]
    assert (places_of_day(world, "a"), told(world, reference)) == (4, [])
    drop(world.core, officer_id=officer, closure_id=closure)
    with pytest.raises(IllegalMoveError):
        apply(world.core, officer_id=officer, closure_id=closure)


def test_a_plan_that_waited_until_a_new_time_was_too_near_is_made_again(world, two_days):
    _, second, officer = two_days
    reference = an_appointment(world, {second[0]: 1}, "a", state=AppointmentState.OFFERED)
    closure = closed(world, officer, day=FIRST_DAY + DAY)
    world.clock.set(datetime.combine(FIRST_DAY - DAY, time(18), UTC))

    with pytest.raises(PlanOutdatedError):
        apply(world.core, officer_id=officer, closure_id=closure)
    assert told(world, reference) == []
    plan(world.core, closure)
    apply(world.core, officer_id=officer, closure_id=closure)

    assert told(world, reference) == ["displaced"]
    check_places(world)


def test_people_without_a_place_nearby_are_drawn_again_with_priority(world):
    world.office("a")
    (slot,) = world.slots("a", FIRST_DAY, {Pool.DRAW: [2]})
    reference = an_appointment(world, {slot: 2}, "a", lost=1, last_day=FIRST_DAY, needed_by=FIRST_DAY)
    carry_out(world, staff(world, "a"))

    appointment = found(world, reference)
    assert (appointment.state, appointment.request.state) == (AppointmentState.CANCELLED, RequestState.WITHDRAWN)
    (again,) = [one for one in world.requests() if one.state is RequestState.ACCEPTED]
    assert (again.lost_draws, again.reschedules, again.party_size) == (2, 0, 2)
    assert (again.last_day, again.needed_by) == (None, None)  # else it would be over before a draw
    assert told(world, reference) == ["displaced"]
    with world.session() as session:
        assert session.scalars(select(Outcome)).all() == []
    check_places(world)


def test_fewer_counters_move_as_few_people_as_possible_luckier_ones_first(world, two_days):
    first, _, officer = two_days
    with world.core.sessions.begin() as session:
        for pool in session.scalars(select(SlotPool)):
            pool.places = 4
    kept = an_appointment(world, {first[0]: 2}, "a", lost=1)
    goes = an_appointment(world, {first[0]: 1}, "a")
    fits = an_appointment(world, {first[1]: 2}, "a")
    carry_out(world, officer, counters=1)

    assert {reference for reference in (kept, goes, fits) if told(world, reference)} == {goes}
    assert places_of_day(world, "a") == 4
    check_places(world)


def test_an_unconfirmed_offer_moves_too_with_new_time_to_confirm(world, two_days):
    first, _, officer = two_days
    reference = an_appointment(world, {first[0]: 1}, "a", state=AppointmentState.OFFERED)
    before = found(world, reference)
    carry_out(world, officer)
    after = found(world, reference)
    assert after.state is AppointmentState.OFFERED
    assert before.confirm_by < after.confirm_by <= after.starts_at
    confirm(world.core, account_id=after.request.account_id, reference=reference)


def test_a_booking_after_the_plan_outdates_it_and_is_in_the_next_plan(world, two_days):
    first, _, officer = two_days
    early = an_appointment(world, {first[0]: 1}, "a")
    closure = closed(world, officer)
    late = an_appointment(world, {first[1]: 1}, "a")
    with pytest.raises(PlanOutdatedError):
        apply(world.core, officer_id=officer, closure_id=closure)
    assert (told(world, early), told(world, late), places_of_day(world, "a")) == ([], [], 4)
    plan(world.core, closure)
    apply(world.core, officer_id=officer, closure_id=closure)
    assert told(world, early) == told(world, late) == ["moved_by_office"]
    check_places(world)


def test_a_plan_whose_place_was_taken_changes_nothing(world, two_days):
    first, second, officer = two_days
    reference = an_appointment(world, {first[0]: 2}, "a")
    closure = closed(world, officer)
    for slot in second:
        an_appointment(world, {slot: 2}, "a")
    with pytest.raises(PlanOutdatedError):
        apply(world.core, officer_id=officer, closure_id=closure)
    assert (told(world, reference), places_of_day(world, "a")) == ([], 4)
    with world.session() as session:
        assert session.get_one(Closure, closure).state is ClosureState.ASKED
    check_places(world)


def test_nobody_is_moved_while_a_draw_counts_on_the_free_places(world, two_days):
    first, _, officer = two_days
    an_appointment(world, {first[0]: 1}, "a")
    closure = closed(world, officer)
    world.closed()
    with pytest.raises(DrawRunningError):
        apply(world.core, officer_id=officer, closure_id=closure)
    check_places(world)


def test_only_the_offices_supervisor_closes_a_coming_day(world, two_days):
    _, _, officer = two_days
    world.office("b")
    closure = closed(world, officer)
    for who in (staff(world, "b"), staff(world, "a", Role.OFFICER)):
        with pytest.raises(ForbiddenError):
            apply(world.core, officer_id=who, closure_id=closure)
    with pytest.raises(ForbiddenError):
        ask_to_close(world.core, officer_id=staff(world, "a", Role.OFFICER), day=FIRST_DAY, counters=0, reason="x")
    with pytest.raises(InvalidInputError) as refused:
        ask_to_close(world.core, officer_id=officer, day=NOW.date() - DAY, counters=2, reason=" ")
    assert [(one.field, one.reason) for one in refused.value.errors] == [
        ("day", "past_day"),
        ("counters", "too_many_counters"),
        ("note", "missing"),
    ]


def test_closing_while_citizens_cancel_and_confirm_leaves_one_state_each(world, two_days):
    first, _, officer = two_days
    leaving = [an_appointment(world, {slot: 1}, "a") for slot in first]
    offered = [an_appointment(world, {slot: 1}, "a", state=AppointmentState.OFFERED) for slot in first]
    closure, together = closed(world, officer), Barrier(6, timeout=PATIENCE)
    accounts = {reference: found(world, reference).request.account_id for reference in leaving + offered}

    def run(act):
        together.wait()
        try:
            return act()
        except (MawidError, SlotFullError) as error:
            return error

    acts = [lambda: apply(world.core, officer_id=officer, closure_id=closure)] * 2
    acts += [lambda one=one: cancel(world.core, account_id=accounts[one], reference=one) for one in leaving]
    acts += [lambda one=one: confirm(world.core, account_id=accounts[one], reference=one) for one in offered]
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(run, acts))

    assert [result for result in results if isinstance(result, MawidError)] == []
    for reference in leaving:
        assert found(world, reference).state is AppointmentState.CANCELLED
    for reference in offered:
        assert found(world, reference).state is AppointmentState.CONFIRMED
        assert Counter(told(world, reference))["moved_by_office"] == 1
    assert places_of_day(world, "a") == 0
    check_places(world)


PARTIES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 3), st.booleans(), st.integers(0, 2)), min_size=1, max_size=6
)


def test_any_closed_day_leaves_everyone_with_one_place_and_one_notice(module_database_url):
    with open_world(module_database_url) as world:

        @settings(max_examples=examples(8, nightly=20), suppress_health_check=list(HealthCheck))
        @given(PARTIES, st.lists(st.integers(0, 3), min_size=4, max_size=4), st.integers(0, 1))
        def hold(parties, free, counters):
            here, there = f"h{len(world.offices)}", f"t{len(world.offices)}"
            world.office(here)
            world.office(there)
            closing = world.slots(here, FIRST_DAY, {Pool.DRAW: [8] * 4})
            world.slots(here, FIRST_DAY + 2 * DAY, {Pool.DRAW: free})
            world.slots(there, FIRST_DAY + DAY, {Pool.WALK_IN: free[:2], Pool.DRAW: free[2:]})
            references = []
            for units, slot, elsewhere, lost in parties:
                seats = {closing[slot]: min(units, 2)}
                if units > 2:
                    seats[closing[(slot + 1) % 4 or 3]] = units - 2
                offices = (here, there) if elsewhere else (here,)
                references.append(an_appointment(world, seats, *offices, lost=lost))
            waiting = sum(one.state is RequestState.ACCEPTED for one in world.requests())
            closure = carry_out(world, staff(world, here), counters=counters)

            check_places(world)
            with world.session() as session:
                moved = session.scalars(select(AppointmentMove).where(AppointmentMove.closure_id == closure)).all()
                sizes = session.execute(
                    select(SlotPool.slot_id, func.sum(SlotPool.places))
                    .where(SlotPool.slot_id.in_(closing))
                    .group_by(SlotPool.slot_id)
                ).all()
            assert all(size <= counters * 2 for _, size in sizes)
            redrawn = 0
            for reference in references:
                appointment, kinds = found(world, reference), told(world, reference)
                history = [one for one in moved if one.appointment_id == appointment.id]
                if not history:
                    assert (counters, kinds, appointment.state) == (1, [], AppointmentState.CONFIRMED)
                elif history[0].to_starts_at is None:
                    assert (kinds, appointment.state) == (["displaced"], AppointmentState.CANCELLED)
                    redrawn += 1
                else:
                    assert (kinds, appointment.state) == (["moved_by_office"], AppointmentState.CONFIRMED)
                    assert history[0].to_starts_at == appointment.starts_at
                    assert not {place.slot_id for place in appointment.places} & set(closing)
            assert sum(one.state is RequestState.ACCEPTED for one in world.requests()) == waiting + redrawn

        hold()
