"""The life of a draw on real rows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking import audit
from booking.drawing import files as drawing_files
from booking.drawing.proof import inclusion_proof
from booking.drawing.verification import verify_files
from booking.errors import CapacityChangedError, DrawNotReadyError, InvalidInputError, NotFoundError
from booking.models import (
    Appointment,
    AppointmentPlaces,
    Draw,
    DrawEntry,
    Message,
    Request,
    RequestMember,
    Slot,
    SlotPool,
)
from booking.services import draw as draws
from booking.services.withdraw import withdraw
from booking.states import AppointmentState, DrawState, Pool, RequestState


@pytest.fixture
def office(world):
    """One office with four slots on the first day; say how many places each has."""

    def make(*places, pool=Pool.DRAW, code="a", day=None, **more):
        if code not in world.offices:
            world.office(code, **more)
        return world.slots(code, day or world.first_day, {pool: list(places)})

    return make


def states(world, references):
    return [world.request(reference).state for reference in references]


def appointment_of(world, reference):
    with world.session() as session:
        return session.scalars(
            select(Appointment).join(Request).where(Request.reference == reference, Appointment.state == "offered")
        ).one_or_none()


def places_of(world, reference):
    with world.session() as session:
        return session.execute(
            select(AppointmentPlaces.slot_id, AppointmentPlaces.pool, AppointmentPlaces.places)
            .join(Appointment)
            .join(Request)
            .where(Request.reference == reference)
            .order_by(AppointmentPlaces.slot_id)
        ).all()


def test_a_published_draw_verifies_and_takes_exactly_its_places(world, office):
    office(1, 1, 1, 1)
    asked = [world.ask("a") for _ in range(5)] + [world.ask("a", party=2)]

    report = verify_files(world.published())

    assert report.ok, report.words()
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken))) == 4
        assert session.scalar(select(func.sum(AppointmentPlaces.places))) == 4
        assert audit.verify(session) == 5
    assert set(states(world, asked)) == {RequestState.DRAWN, RequestState.CARRIED_OVER}


def test_the_seed_is_committed_when_announced_and_secret_until_published(world, office):
    office(1)
    reference = world.closed()
    with world.session() as session:
        before = draws.found(session, reference)
    draws.run(world.core, reference)
    with pytest.raises(DrawNotReadyError):
        draws.files(world.core, reference)

    after = draws.publish(world.core, reference)

    assert before.seed is None
    assert drawing_files.digest(after.seed) == before.seed_commitment.hex()
    assert world.files()["seed.txt"] == after.seed.hex().encode() + b"\n"


def test_a_draw_without_requests_or_places_is_drawn_too(world):
    report = verify_files(world.published())

    assert report.ok, report.words()


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

    near, far = appointment_of(world, soon), appointment_of(world, late)
    assert far.confirm_by == drawn_at + world.core.settings.confirm_within
    assert near.confirm_by == near.starts_at - timedelta(hours=12)
    assert near.confirm_by > drawn_at
    assert far.state is AppointmentState.OFFERED


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


def test_each_step_waits_for_its_time_and_for_the_step_before(world):
    now = world.clock.now()
    draws.announce(
        world.core,
        reference="d1",
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(hours=2),
        horizon_first=world.first_day,
        horizon_last=world.first_day,
    )
    for step in (draws.open_draw, draws.close, draws.run, draws.publish):
        with pytest.raises(DrawNotReadyError):
            step(world.core, "d1")
    world.clock.advance(timedelta(hours=1))
    assert draws.open_draw(world.core, "d1").state is DrawState.OPEN
    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d1")


@pytest.mark.parametrize("step", [draws.open_draw, draws.close, draws.run, draws.publish, draws.files])
def test_an_unknown_draw_is_not_found(world, step):
    with pytest.raises(NotFoundError):
        step(world.core, "nowhere")


def test_an_announcement_lists_everything_that_is_wrong(world):
    now = world.clock.now()
    with pytest.raises(InvalidInputError) as caught:
        draws.announce(
            world.core,
            reference="no spaces",
            opens_at=now,
            closes_at=now,
            horizon_first=world.first_day,
            horizon_last=world.first_day - timedelta(days=1),
        )

    assert [error.field for error in caught.value.errors] == ["reference", "closes_at", "horizon_last"]


def test_a_reference_is_used_once(world):
    world.draw("d1")

    with pytest.raises(InvalidInputError):
        world.draw("d1")


def test_a_party_sits_together_in_touching_slots(world, office):
    slots = office(1, 2, 1)
    reference = world.ask("a", party=2, units=2)
    world.published()
    assert world.request(reference).state is RequestState.CARRIED_OVER  # the band ends after two slots: 3 units

    office(2, 2, day=world.first_day + timedelta(days=1))
    world.published("d2")

    taken = places_of(world, reference)
    assert [places for _, _, places in taken] == [2, 2]
    assert taken[0].slot_id not in slots
    appointment = appointment_of(world, reference)
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
        appointment = appointment_of(world, reference)
        if not days:
            assert appointment is None
            continue
        slot_id = places_of(world, reference)[0].slot_id
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

    given = {reference: places_of(world, reference) for reference in plain + asking}
    assert sum(bool(given[reference]) for reference in plain + asking) == 2
    assert all(pool is Pool.DRAW for reference in plain for _, pool, _ in given[reference])
    with world.session() as session:
        used = session.scalars(select(Slot.office_id).join(AppointmentPlaces)).all()
    assert set(used) == {world.offices["a"]}


def test_someone_who_asks_for_accessibility_leaves_the_general_places_to_others(world):
    world.office("a", accessible=True)
    world.slots("a", world.first_day, {Pool.DRAW: [1], Pool.ACCESSIBLE: [1]})
    asking, plain = world.ask("a", accessible=True), world.ask("a")

    world.published()

    assert [pool for _, pool, _ in places_of(world, asking)] == [Pool.ACCESSIBLE]
    assert [pool for _, pool, _ in places_of(world, plain)] == [Pool.DRAW]


def test_who_lost_goes_first_in_the_next_draw(world, office):
    office(1)
    first = [world.ask("a") for _ in range(4)]
    world.published("d1")
    losers = [reference for reference in first if world.request(reference).state is RequestState.CARRIED_OVER]
    assert [world.request(reference).lost_draws for reference in losers] == [1, 1, 1]

    office(1, 1, 1, day=world.first_day + timedelta(days=1))
    fresh = [world.ask("a") for _ in range(10)]
    report = verify_files(world.published("d2"))

    assert report.ok, report.words()
    assert states(world, losers) == [RequestState.DRAWN] * 3
    assert {world.request(reference).lost_draws for reference in fresh} == {1}


def test_waiting_for_an_officer_never_costs_a_turn(world, office):
    office(1)
    held_up = world.ask("a", state=RequestState.UNDER_REVIEW)
    later = world.ask("a", state=RequestState.UNDER_REVIEW, first_day=world.first_day + timedelta(days=90))

    world.published()

    assert world.request(held_up).state is RequestState.UNDER_REVIEW
    assert (world.request(held_up).lost_draws, world.request(later).lost_draws) == (1, 0)


def test_a_request_for_later_days_waits_without_losing(world, office):
    office(1)
    later = world.ask("a", first_day=world.first_day + timedelta(days=90))

    world.published()

    request = world.request(later)
    assert (request.state, request.lost_draws, request.draw_id) == (RequestState.ACCEPTED, 0, None)


@pytest.mark.parametrize("limit", ["last_day", "needed_by"])
def test_a_request_whose_days_are_over_lapses_with_a_notice_and_frees_its_people(world, limit):
    over = world.ask_with_office(
        first_day=world.first_day - timedelta(days=3), **{limit: world.first_day - timedelta(days=1)}
    )

    world.closed()

    assert world.request(over).state is RequestState.LAPSED
    with world.session() as session:
        assert session.scalars(select(Message.kind)).all() == ["request_lapsed"]
        assert session.scalars(select(RequestMember.live)).all() == [False]


@pytest.mark.parametrize(
    "state", [RequestState.WITHDRAWN, RequestState.REFUSED, RequestState.CHALLENGED, RequestState.DRAWN]
)
def test_only_waiting_requests_take_part(world, office, state):
    office(1)
    other = world.ask("a", state=state)
    waiting = world.ask("a")

    world.published()

    assert (world.request(other).state, world.request(waiting).state) == (state, RequestState.DRAWN)
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(DrawEntry)) == 1


def test_a_withdrawn_request_leaves_its_place_to_others(world, office):
    office(1)
    first, second = world.ask("a"), world.ask("a", lost=0)
    withdraw(world.core, account_id=world.request(first).account_id, reference=first)

    world.published()

    assert states(world, [first, second]) == [RequestState.WITHDRAWN, RequestState.DRAWN]


def test_a_request_that_left_a_closed_draw_gets_no_appointment_and_its_place_stays_free(world, office):
    office(2)
    left, stayed = world.ask("a"), world.ask("a")
    world.closed()
    with world.core.sessions.begin() as session:
        session.execute(update(Request).where(Request.reference == left).values(state=RequestState.WITHDRAWN))
    draws.run(world.core, "d1")
    draws.publish(world.core, "d1")

    assert states(world, [left, stayed]) == [RequestState.WITHDRAWN, RequestState.DRAWN]
    assert appointment_of(world, left) is None
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken))) == 1
    assert verify_files(world.files()).ok


def test_places_that_are_gone_undo_the_whole_result(world, office):
    office(1, 1)
    reference = world.ask("a")
    world.closed()
    with world.core.sessions.begin() as session:
        session.execute(update(SlotPool).values(taken=1))

    with pytest.raises(CapacityChangedError):
        draws.run(world.core, "d1")

    assert world.request(reference).state is RequestState.ACCEPTED
    with world.session() as session:
        assert session.scalars(select(Appointment)).all() == []
        assert session.scalars(select(Draw.state)).all() == [DrawState.CLOSED]
    with world.core.sessions.begin() as session:
        session.execute(update(SlotPool).values(taken=0))
    draws.run(world.core, "d1")
    assert world.request(reference).state is RequestState.DRAWN


def test_places_given_back_serve_the_next_draw_around_those_still_taken(world, office):
    office(1, 1, 1, 1)
    first = [world.ask("a") for _ in range(4)]
    world.published("d1")
    by_start = sorted((appointment_of(world, reference).starts_at, reference) for reference in first)
    gone = [by_start[0][1], by_start[2][1]]
    with world.core.sessions.begin() as session:
        for reference in gone:
            slot_id = places_of(world, reference)[0].slot_id
            session.execute(update(SlotPool).where(SlotPool.slot_id == slot_id).values(taken=0))
    family, single = world.ask("a", party=2), world.ask("a")

    report = verify_files(world.published("d2"))

    assert report.ok, report.words()
    assert states(world, [family, single]) == [RequestState.CARRIED_OVER, RequestState.DRAWN]
    assert len(drawing_files.read_bins(world.files("d2")["bins.csv"])) == 2


def test_a_closed_draw_must_be_drawn_before_another_closes(world, office):
    office(1)
    world.ask("a")
    world.draw("d1")
    world.draw("d2")
    draws.close(world.core, "d1")

    with pytest.raises(DrawNotReadyError):
        draws.close(world.core, "d2")

    draws.run(world.core, "d1")
    draws.close(world.core, "d2")


def test_running_again_changes_nothing(world, office):
    office(1)
    asked = [world.ask("a") for _ in range(3)]
    before = world.published()
    rows = states(world, asked)

    for step in (draws.open_draw, draws.close, draws.run, draws.publish):
        assert step(world.core, "d1").state is DrawState.PUBLISHED

    assert world.files() == before
    assert states(world, asked) == rows
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == 1


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


def test_a_receipt_proves_that_the_request_is_under_the_root(world, office):
    office(1)
    references = [world.ask("a") for _ in range(5)]
    with pytest.raises(NotFoundError):
        inclusion_proof(world.core, reference=references[0])
    world.closed()

    proofs = [inclusion_proof(world.core, reference=reference) for reference in references]

    assert all(proof.holds() for proof in proofs)
    assert sorted(proof.index for proof in proofs) == list(range(5))
    for reference, proof in zip(references, proofs, strict=True):
        assert world.request(reference).receipt.hex() in proof.to_dict()["leaf"]
    with pytest.raises(NotFoundError):
        inclusion_proof(world.core, reference=references[0], draw="d2")


def test_everyone_is_told_and_the_figures_add_up(world, office):
    office(1, code="b")
    office(1)
    references = [world.ask("a", "b") for _ in range(3)]

    world.published()

    with world.session() as session:
        kinds = sorted(session.scalars(select(Message.kind)))
        told = {message.values["reference"] for message in session.scalars(select(Message))}
        figures = session.scalars(select(Draw.figures)).one()
        drawn = set(session.scalars(select(Appointment.reference)))
    assert kinds == ["request_carried_over", "request_drawn", "request_drawn"]
    assert told == drawn | {r for r in references if world.request(r).state is RequestState.CARRIED_OVER}
    assert (figures["asked_requests"], figures["served_requests"], figures["first_choice"]) == (3, 2, 1)
    assert figures["groups"]["service"] == {"service-1": {"asked": 3, "served": 2}}
    assert figures["gap"] == 0


def test_who_is_not_drawn_learns_how_many_were_ahead_and_what_would_have_helped(world, office):
    office(1)
    office(1, 1, code="b", day=world.first_day + timedelta(days=2))
    office(5, code="abroad", abroad=True)
    references = [world.ask("a") for _ in range(3)]

    world.published()

    with world.session() as session:
        rows = session.scalars(select(DrawEntry).order_by(DrawEntry.position)).all()
    assert [(row.position, row.served, row.rank) for row in rows] == [(0, True, 0), (1, False, None), (2, False, None)]
    near = {"office": "b", "day": (world.first_day + timedelta(days=2)).isoformat()}
    assert [row.explanation for row in rows] == [
        {"ahead": 0},
        {"ahead": 1, "suggestion": near},
        {"ahead": 2, "suggestion": near},
    ]
    assert len(references) == 3


def test_nothing_is_suggested_where_nothing_would_have_helped(world, office):
    office(1)
    for _ in range(2):
        world.ask("a")

    world.published()

    with world.session() as session:
        lost = session.scalars(select(DrawEntry).where(~DrawEntry.served)).one()
    assert lost.explanation == {"ahead": 1, "suggestion": None}
