"""Who takes part, and whose turn comes next."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from booking.platform.models import (
    DrawEntry,
    Message,
    Request,
    RequestMember,
    SlotPool,
)
from booking.platform.models.states import RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws import files as drawing_files
from booking.scheduling.draws.announce import found
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.freeze import participants
from booking.scheduling.draws.papers import Papers
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.new_rows import asked_again
from booking.scheduling.requests.withdraw import withdraw


def test_losers_come_first_in_the_next_draw(world, office):
    office(1)
    first = [world.ask("a") for _ in range(4)]
    world.published("d1")
    losers = [reference for reference in first if world.request(reference).state is RequestState.CARRIED_OVER]
    assert [world.request(reference).lost_draws for reference in losers] == [1, 1, 1]

    office(1, 1, 1, day=world.first_day + timedelta(days=1))
    fresh = [world.ask("a") for _ in range(10)]
    report = verify_files(world.published("d2"))

    assert report.ok, report.words()
    assert world.states(losers) == [RequestState.DRAWN] * 3
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


def test_only_waiting_requests_take_part(world, office):
    states = [RequestState.WITHDRAWN, RequestState.REFUSED, RequestState.CHALLENGED, RequestState.DRAWN]
    office(5)
    others = [world.ask("a", state=state) for state in states]
    waiting = world.ask("a")

    world.published()

    assert world.states([*others, waiting]) == [*states, RequestState.DRAWN]
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(DrawEntry)) == 1


def test_a_withdrawn_request_leaves_its_place_to_others(world, office):
    office(1)
    first, second = world.ask("a"), world.ask("a", lost=0)
    withdraw(world.core, account_id=world.request(first).account_id, reference=first)

    world.published()

    assert world.states([first, second]) == [RequestState.WITHDRAWN, RequestState.DRAWN]


def test_a_request_withdrawn_after_closing_gets_no_appointment(world, office):
    office(2)
    left, stayed = world.ask("a"), world.ask("a")
    world.closed()
    with world.core.sessions.begin() as session:
        session.execute(update(Request).where(Request.reference == left).values(state=RequestState.WITHDRAWN))
    draws.run(world.core, "d1")
    draws.publish(world.core, "d1")

    assert world.states([left, stayed]) == [RequestState.WITHDRAWN, RequestState.DRAWN]
    assert world.appointment_of(left) is None
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken))) == 1
    assert verify_files(world.files()).ok


def test_places_given_back_serve_the_next_draw_around_those_still_taken(world, office):
    office(1, 1, 1, 1)
    first = [world.ask("a") for _ in range(4)]
    world.published("d1")
    by_start = sorted((world.appointment_of(reference).starts_at, reference) for reference in first)
    gone = [by_start[0][1], by_start[2][1]]
    with world.core.sessions.begin() as session:
        for reference in gone:
            slot_id = world.places_of(reference)[0].slot_id
            session.execute(update(SlotPool).where(SlotPool.slot_id == slot_id).values(taken=0))
    family, single = world.ask("a", party=2), world.ask("a")

    report = verify_files(world.published("d2"))

    assert report.ok, report.words()
    assert world.states([family, single]) == [RequestState.CARRIED_OVER, RequestState.DRAWN]
    assert len(drawing_files.read_bins(world.files("d2")["bins.csv"])) == 2


def test_nobody_is_put_in_the_place_of_another_after_the_closing(world, office):
    office(1)
    asked = [world.ask("a") for _ in range(2)]
    world.closed("d1")
    with world.core.sessions.begin() as session:  # two steps: a leaf is nobody's twice
        session.execute(update(DrawEntry).values(leaf_index=DrawEntry.leaf_index + 2))
        session.execute(update(DrawEntry).values(leaf_index=3 - DrawEntry.leaf_index))

    with pytest.raises(DamagedFileError):
        draws.run(world.core, "d1")
    assert world.states(asked) == [RequestState.ACCEPTED] * 2


def test_more_requests_may_be_left_out_than_a_statement_can_name(world, office):
    office(1)
    for _ in range(2):
        world.ask("a")
    world.draw("d1")
    lacking, able = [request.id for request in world.requests()]
    papers = Papers(dict.fromkeys([lacking, *(uuid4() for _ in range(1 << 16))]))

    with world.session() as session:
        line = list(participants(session, found(session, "d1"), b"key", papers, list, 99))

    assert [each.request_id for each in line] == [able]


def test_somebody_taken_out_of_a_request_keeps_no_draw_from_closing(world, office):
    office(2)
    world.ask("a", party=2)
    with world.core.sessions.begin() as session:  # the account acts for neither of them any more
        session.execute(update(Request).values(must_hold=True))
        session.execute(update(RequestMember).values(live=False, proven=False))
    world.draw("d1")

    draws.close(world.core, "d1")

    with world.session() as session:
        assert session.scalars(select(func.count()).select_from(DrawEntry)).one() == 1


def test_a_lost_draw_follows_whoever_stays_of_those_who_ask_again(world, office):
    office(0)
    world.ask("a", party=2)
    world.closed("d1")
    with world.core.sessions.begin() as session:
        (former,) = session.scalars(select(Request)).unique()
        former.move_to(RequestState.DRAWN)  # an urgent place, which they move
        again = asked_again(session, world.core, former)
        session.add(again)
        session.flush()
        session.execute(delete(RequestMember).where(RequestMember.request_id == again.id, RequestMember.position == 0))
        session.execute(update(RequestMember).where(RequestMember.request_id == again.id).values(position=0))

    draws.run(world.core, "d1")

    assert world.request(again.reference).lost_draws == 1
