"""Priorities are proven: each follows from an earlier row of the same request, whatever happened to it."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from booking.draws import draw as draws
from booking.models import Draw, DrawEntry, DrawTurn, Request, SlotPool
from booking.models.states import WAITING_FOR_DRAW, DrawState, Pool, RequestState
from booking.requests.new_rows import asked_again
from tests.booking.draws.emptying import empty

DAYS = 3
ROUNDS = st.lists(
    st.fixed_dictionaries(
        {
            "asked": st.lists(st.sampled_from([(0, False), (0, False), (0, True), (2, False)]), max_size=3),
            "places": st.integers(0, 2),
            "abandoned": st.booleans(),
            "displaced": st.integers(0, 2),
            "reviewed": st.booleans(),
        }
    ),
    min_size=2,
    max_size=4,
)


def handed_on(session):
    """What each row of a draw that stands hands on to the next one, by its name; and all rows, with what they state."""
    rows, after = [], {}
    stands = Draw.state != DrawState.ABANDONED
    for draw, entry in session.execute(
        select(Draw, DrawEntry).join(DrawEntry, DrawEntry.draw_id == Draw.id).where(stands)
    ):
        rows.append(("line", draw.reference, entry))
        after[draw.reference, "line", entry.leaf_index] = entry.priority + (entry.served is False)
    for draw, turn in session.execute(select(Draw, DrawTurn).join(DrawTurn, DrawTurn.draw_id == Draw.id).where(stands)):
        rows.append(("turns", draw.reference, turn))
        after[draw.reference, "turns", turn.row] = turn.priority
    return rows, after


def linked(row):
    return row.link_draw, row.link_list, row.link_row


def check_turns(world):
    """Every priority follows from the row that it names, no row is named twice, and every request agrees."""
    with world.session() as session:
        rows, after = handed_on(session)
        for kind, draw, row in rows:
            before = after[linked(row)] if row.link_draw else 0
            if kind == "line":
                assert row.priority == before
            elif row.reason != "before-format-2":
                assert row.priority == before + 1
            assert not (kind == "turns" and row.link_draw == draw)
        named = [linked(row) for _, _, row in rows if row.link_draw]
        assert len(named) == len(set(named))
        for request in session.scalars(select(Request)):
            proven = after[linked(request)] if request.link_draw else 0
            assert request.lost_draws == proven + request.owed_turns


def go_on(world, round_):
    """Let some who were served be displaced, and an officer accept those under review."""
    with world.core.sessions.begin() as session:
        served = session.scalars(
            select(Request).where(Request.state == RequestState.DRAWN).order_by(Request.receipt)
        ).all()
        for request in served[: round_["displaced"]]:
            request.move_to(RequestState.WITHDRAWN)
            session.flush()
            session.add(asked_again(session, world.core, request, displaced=True))
        if round_["reviewed"]:
            session.execute(
                update(Request).where(Request.state == RequestState.UNDER_REVIEW).values(state=RequestState.ACCEPTED)
            )
        session.execute(update(SlotPool).values(taken=0, places=round_["places"]))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=ROUNDS)
def test_every_priority_follows_from_an_earlier_row_of_the_request(shared_world, rounds):
    world = shared_world
    empty(world)
    world.office("a")
    world.slots("a", world.first_day + timedelta(days=2), {Pool.DRAW: [1]})

    for number, round_ in enumerate(rounds):
        go_on(world, round_)
        for lost, held_up in round_["asked"]:
            state = RequestState.UNDER_REVIEW if held_up else RequestState.ACCEPTED
            world.ask("a", state=state, lost=0 if number else lost)
        reference = world.closed(f"d{number}", days=DAYS)
        if round_["abandoned"]:
            draws.abandon(world.core, reference, reason="a test", by="a test")
        else:
            draws.run(world.core, reference)
            draws.publish(world.core, reference)
        check_turns(world)


def test_a_request_after_the_end_of_asking_waits_for_the_next_draw(world, office):
    office(1, 1)
    in_time = world.ask("a")
    world.draw("d1")
    world.clock.advance(timedelta(minutes=3))
    late = [world.ask("a"), world.ask("a", state=RequestState.UNDER_REVIEW)]

    draws.close(world.core, "d1")
    draws.run(world.core, "d1")

    assert world.request(in_time).state is RequestState.DRAWN
    assert [world.request(one).draw_id for one in late] == [None, None]
    assert {world.request(one).lost_draws for one in late} == {0}
    assert world.request(late[0]).state in WAITING_FOR_DRAW
