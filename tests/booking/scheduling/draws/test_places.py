"""Who may get which place."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking.platform.models import (
    AppointmentPlaces,
    DrawEntry,
    Message,
    Outcome,
    Request,
    Slot,
    SlotPool,
)
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.expire import lapse_offers
from booking.scheduling.draws import draw as draws


def test_an_offer_can_be_confirmed_for_two_days_but_not_in_the_last_twelve_hours(world, office):
    office(1)
    office(1, day=world.first_day - timedelta(days=5))
    late = world.ask("a")
    soon = world.ask("a", first_day=world.first_day - timedelta(days=5), last_day=world.first_day - timedelta(days=5))
    draws.announce(
        world.core,
        reference="d1",
        opens_at=world.clock.now(),
        closes_at=world.clock.now() + timedelta(hours=1),
        horizon_first=world.first_day - timedelta(days=5),
        horizon_last=world.first_day,
    )
    draws.open_draw(world.core, "d1")
    world.clock.advance(timedelta(hours=1))
    draws.close(world.core, "d1")

    drawn_at = draws.run(world.core, "d1").drawn_at

    near, far = world.appointment_of(soon), world.appointment_of(late)
    assert far.confirm_by == drawn_at + world.core.settings.confirm_within
    assert near.confirm_by == near.starts_at - timedelta(hours=12)
    assert near.confirm_by > drawn_at
    assert far.state is AppointmentState.OFFERED


def test_an_offer_of_a_draw_that_came_too_late_to_confirm_costs_nobody_their_turn(world, office):
    (slot,) = office(1)
    asked = world.ask("a", lost=1)
    world.closed()
    world.clock.advance(datetime(2026, 11, 8, tzinfo=UTC) - world.clock.now())
    draws.run(world.core, "d1")
    assert world.appointment_of(asked).confirm_by < world.clock.now()

    assert lapse_offers(world.core) == 1

    (again,) = (one for one in world.requests() if one.reference != asked)
    assert (world.request(asked).state, again.state) == (RequestState.WITHDRAWN, RequestState.ACCEPTED)
    assert (again.lost_draws, again.owed_turns) == (2, 1)
    with world.session() as session:
        assert not session.scalars(select(Outcome)).all()
        assert session.scalars(select(SlotPool.taken).where(SlotPool.slot_id == slot)).one() == 0
        told = session.scalars(select(Message.kind).order_by(Message.created_at)).all()
    assert told == ["request_drawn", "displaced"]


def test_no_place_is_given_that_begins_within_a_day(world, office):
    tomorrow = (world.clock.now() + timedelta(days=1)).date()
    office(1, day=tomorrow)
    reference = world.ask("a", first_day=tomorrow)
    draws.announce(
        world.core,
        reference="d1",
        opens_at=world.clock.now(),
        closes_at=world.clock.now() + timedelta(hours=1),
        horizon_first=tomorrow,
        horizon_last=tomorrow,
    )
    draws.open_draw(world.core, "d1")
    world.clock.advance(timedelta(hours=1))
    draws.close(world.core, "d1")
    draws.run(world.core, "d1")

    assert world.request(reference).state is RequestState.CARRIED_OVER


def test_a_party_sits_together_in_touching_slots(world, office):
    slots = office(1, 2, 1)
    reference = world.ask("a", party=2, units=2)
    world.published()
    assert world.request(reference).state is RequestState.CARRIED_OVER  # the band ends after two slots: 3 units

    office(2, 2, day=world.first_day + timedelta(days=1))
    world.published("d2")

    taken = world.places_of(reference)
    assert [places for _, _, places in taken] == [2, 2]
    assert taken[0].slot_id not in slots
    appointment = world.appointment_of(reference)
    assert appointment.ends_at - appointment.starts_at == timedelta(hours=1)


def test_offices_days_weekdays_bands_and_deadlines_are_respected(world, office):
    for number in range(7):
        office(1, 1, 1, 1, day=world.first_day + timedelta(days=number))
        office(1, 1, 1, 1, code="b", day=world.first_day + timedelta(days=number))
    monday = world.first_day + timedelta(days=1)
    wishes = {
        world.ask("b", weekdays=0b0000001, bands=["midday"]): ("b", {monday}, "midday"),
        world.ask("a", first_day=monday, last_day=monday): ("a", {monday}, None),
        world.ask("a", needed_by=world.first_day): ("a", {world.first_day}, None),
        world.ask("a", first_day=monday, last_day=monday, needed_by=world.first_day): ("a", set(), None),
    }

    world.published()

    for reference, (code, days, band) in wishes.items():
        appointment = world.appointment_of(reference)
        if not days:
            assert appointment is None
            continue
        slot_id = world.places_of(reference)[0].slot_id
        with world.session() as session:
            slot = session.get_one(Slot, slot_id)
        assert slot.office_id == world.offices[code]
        assert slot.local_day in days
        assert band in (None, slot.band)


def test_the_accessible_pool_serves_only_those_who_ask_for_it_and_they_may_use_both(world, office):
    world.office("a", accessible=True)
    world.office("b")
    world.slots("a", world.first_day, {Pool.DRAW: [1], Pool.ACCESSIBLE: [1]})
    world.slots("b", world.first_day, {Pool.ACCESSIBLE: [1], Pool.DRAW: [1]})
    plain = [world.ask("a") for _ in range(2)]
    asking = [world.ask("a", "b", accessible=True) for _ in range(2)]

    world.published()

    given = {reference: world.places_of(reference) for reference in plain + asking}
    assert sum(bool(given[reference]) for reference in plain + asking) == 2
    assert all(pool is Pool.DRAW for reference in plain for _, pool, _ in given[reference])
    with world.session() as session:
        used = session.scalars(select(Slot.office_id).join(AppointmentPlaces)).all()
    assert set(used) == {world.offices["a"]}


def test_a_person_who_needs_accessibility_leaves_general_places_to_others(world):
    world.office("a", accessible=True)
    world.slots("a", world.first_day, {Pool.DRAW: [1], Pool.ACCESSIBLE: [1]})
    asking, plain = world.ask("a", accessible=True), world.ask("a")

    world.published()

    assert [pool for _, pool, _ in world.places_of(asking)] == [Pool.ACCESSIBLE]
    assert [pool for _, pool, _ in world.places_of(plain)] == [Pool.DRAW]


def test_two_requests_of_one_person_share_the_lottery_number(world, office):
    office(1)
    with world.core.sessions.begin() as session:
        person = world.add_person(session)
    references = [world.ask("a", person=person), world.ask("a", units=2, person=person)]
    others = [world.ask("a") for _ in range(6)]

    world.published()

    with world.session() as session:
        rows = session.execute(select(Request.reference, DrawEntry.position, DrawEntry.person_draw_id).join(DrawEntry))
        entries = {row.reference: row for row in rows}
    own = [entries[reference] for reference in references]
    assert own[0].person_draw_id == own[1].person_draw_id
    assert abs(own[0].position - own[1].position) == 1
    assert len({entries[reference].person_draw_id for reference in others}) == 6
