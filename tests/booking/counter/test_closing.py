"""Close an office-day: everyone is moved or drawn again exactly once, told once, and nothing is half done."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from booking.appointments.respond import cancel, confirm
from booking.base.errors import (
    DrawRunningError,
    ForbiddenError,
    IllegalMoveError,
    InvalidInputError,
    MawidError,
    OfferLapsedError,
    SlotFullError,
)
from booking.base.references import new_reference
from booking.counter.closing import apply, ask_to_close, drop, plan
from booking.counter.closing_views import closure_view, open_move
from booking.counter.errors import PlanOutdatedError
from booking.counter.moves import refuse_move
from booking.models import (
    Account,
    Appointment,
    AppointmentMove,
    AppointmentPlaces,
    Closure,
    Message,
    Outcome,
    Request,
    Slot,
    SlotPool,
)
from booking.models.states import AppointmentState, ClosureState, Door, Pool, RequestState, Role
from booking.places.rows import take
from tests.booking.draws.conftest import open_world
from tests.booking.draws.world import FIRST_DAY, NOW

DAY = timedelta(days=1)
MOVES = {"moved_by_office", "displaced"}


@pytest.fixture
def world(database_url):
    with open_world(database_url) as world:
        yield world


def staff(world, office, role=Role.SUPERVISOR):
    with world.core.sessions.begin() as session:
        account = Account(
            id=uuid4(),
            username=uuid4().hex,
            password_hash="x",
            phone_ciphertext=b"x",
            phone_hash=b"x",
            language="en",
            door=Door.HOME,
            roles=[role.value],
            office_id=world.offices[office],
            created_at=NOW,
        )
        session.add(account)
        return account.id


def an_appointment(world, seats, *offices, state=AppointmentState.CONFIRMED, pool=Pool.DRAW, **wish):
    """A request with an appointment in slots, each with so many units; gives the appointment's reference."""
    units = sum(seats.values())
    asked = world.ask(*offices, party=units, state=RequestState.DRAWN, **wish)
    reference = new_reference()
    with world.core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == asked)).one()
        slots = session.scalars(select(Slot).where(Slot.id.in_(seats)).order_by(Slot.starts_at)).all()
        session.add(
            Appointment(
                reference=reference,
                request_id=request.id,
                office_id=slots[0].office_id,
                state=state,
                starts_at=slots[0].starts_at,
                ends_at=slots[-1].ends_at,
                confirm_by=world.clock.now() + DAY,
                created_at=world.clock.now(),
                places=[AppointmentPlaces(slot_id=slot, pool=pool, places=count) for slot, count in seats.items()],
            )
        )
        for slot, count in seats.items():
            take(session, slot, pool, count)
    return reference


def found(world, reference):
    with world.session() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        _ = appointment.request.state, appointment.places
        return appointment


def told(world, reference):
    """The kinds of notices that the account of an appointment got."""
    account = found(world, reference).request.account_id
    with world.session() as session:
        return session.scalars(select(Message.kind).where(Message.account_id == account)).all()


def closed(world, officer, *, counters=0, day=FIRST_DAY):
    closure = ask_to_close(world.core, officer_id=officer, day=day, counters=counters, reason="no power")
    plan(world.core, closure)
    return closure


def carry_out(world, officer, **how):
    closure = closed(world, officer, **how)
    apply(world.core, officer_id=officer, closure_id=closure)
    return closure


def check_places(world):
    """What each pool says is taken is what live appointments take, and it fits."""
    with world.session() as session:
        held = Counter()
        rows = session.execute(
            select(AppointmentPlaces).join(Appointment).where(Appointment.state.not_in(["cancelled", "lapsed"]))
        ).scalars()
        for row in rows:
            held[row.slot_id, row.pool] += row.places
        for pool in session.scalars(select(SlotPool)):
            assert pool.taken == held.pop((pool.slot_id, pool.pool), 0) <= pool.places
        assert not held


def places_of_day(world, office, day=FIRST_DAY):
    with world.session() as session:
        return session.scalar(
            select(func.coalesce(func.sum(SlotPool.places), 0))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .where(Slot.office_id == world.offices[office], Slot.local_day == day)
        )


@pytest.fixture
def two_days(world):
    """Office *a* with two slots of two places on the first day and the one after; its supervisor."""
    world.office("a")
    first = world.slots("a", FIRST_DAY, {Pool.DRAW: [2, 2]})
    second = world.slots("a", FIRST_DAY + DAY, {Pool.DRAW: [2, 2]})
    return first, second, staff(world, "a")


def test_people_move_to_the_next_day_keep_their_reference_and_are_told_once(world, two_days):
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


def test_nothing_changes_before_it_is_carried_out(world, two_days):
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


def test_who_has_no_place_nearby_is_drawn_again_with_priority_and_without_an_outcome(world):
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


def test_fewer_counters_move_only_whom_they_must_and_those_first_who_lost_fewer_draws(world, two_days):
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


def test_an_offer_moves_too_with_new_time_to_confirm(world, two_days):
    first, _, officer = two_days
    reference = an_appointment(world, {first[0]: 1}, "a", state=AppointmentState.OFFERED)
    before = found(world, reference)
    carry_out(world, officer)
    after = found(world, reference)
    assert after.state is AppointmentState.OFFERED
    assert before.confirm_by < after.confirm_by <= after.starts_at
    confirm(world.core, account_id=after.request.account_id, reference=reference)


def test_a_move_can_be_refused_in_time_and_gives_priority(world, two_days):
    first, second, officer = two_days
    one, other = (an_appointment(world, {first[0]: 1}, "a", lost=2) for _ in range(2))
    carry_out(world, officer)
    account = found(world, one).request.account_id
    move = open_move(world.core, account_id=account, reference=one)
    assert (move.from_office.code, move.from_starts_at.date()) == ("a", FIRST_DAY)

    again = refuse_move(world.core, account_id=account, reference=one)

    assert (world.request(again).state, world.request(again).lost_draws) == (RequestState.ACCEPTED, 3)
    with pytest.raises(IllegalMoveError):
        refuse_move(world.core, account_id=account, reference=one)
    world.clock.set(move.refuse_by)
    with pytest.raises(OfferLapsedError):
        refuse_move(world.core, account_id=found(world, other).request.account_id, reference=other)
    check_places(world)
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken)).where(SlotPool.slot_id.in_(second))) == 1


def test_who_was_never_moved_has_nothing_to_refuse(world, two_days):
    reference = an_appointment(world, {two_days[0][0]: 1}, "a")
    with pytest.raises(IllegalMoveError):
        refuse_move(world.core, account_id=found(world, reference).request.account_id, reference=reference)


def test_who_booked_after_the_plan_makes_it_outdated_and_a_new_plan_counts_them(world, two_days):
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


def test_a_planned_place_that_somebody_took_changes_nothing(world, two_days):
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


def test_only_a_supervisor_closes_and_only_the_own_office_and_a_day_ahead(world, two_days):
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


def test_carrying_it_out_while_citizens_cancel_and_confirm_leaves_everyone_in_one_state(world, two_days):
    first, _, officer = two_days
    leaving = [an_appointment(world, {slot: 1}, "a") for slot in first]
    offered = [an_appointment(world, {slot: 1}, "a", state=AppointmentState.OFFERED) for slot in first]
    closure, together = closed(world, officer), Barrier(6)
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


def test_whatever_the_day_looks_like_everyone_ends_in_one_place_and_hears_once(module_database_url):
    with open_world(module_database_url) as world:

        @settings(max_examples=20, suppress_health_check=list(HealthCheck))
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
