"""Priorities are proven: each follows from an earlier row of the same request, whatever happened to it."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from booking.platform.models import Draw, DrawEntry, DrawTurn, Request, SlotPool
from booking.platform.models.states import WAITING_FOR_DRAW, DrawState, Pool, RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.new_rows import asked_again, ranked_codes, wish_row
from booking.scheduling.requests.withdraw import turn_of_successor
from tests.booking.scheduling.draws.changing import go_to
from tests.booking.scheduling.draws.emptying import empty
from tests.support.effort import examples

DAYS = 3
EVERYWHERE = ("a", "shut")
WISHES = st.sampled_from([("a",), ("shut",), EVERYWHERE])
ROUNDS = st.lists(
    st.fixed_dictionaries(
        {
            "asked": st.lists(
                st.tuples(st.sampled_from([(0, False), (0, False), (0, True), (2, False)]), WISHES), max_size=3
            ),
            "places": st.integers(0, 2),
            "abandoned": st.sampled_from([False, False, True]),
            "displaced": st.integers(0, 2),
            "reviewed": st.booleans(),
            "changes": st.lists(st.tuples(st.integers(0, 3), WISHES), max_size=4),
        }
    ),
    min_size=2,
    max_size=4,
)


class Lost:
    """What each request lost, by its reference: the offices that it wished then, and whether a place fitted them."""

    def __init__(self):
        self.by_reference = defaultdict(list)

    def count(self, reference, offices):
        """How many of them may count for a wish: those with a place that fitted, and the others for no wider wish."""
        wished, same, found = set(offices), True, 0
        for then, fitted in reversed(self.by_reference[reference]):
            same = same and wished <= set(then)
            wished, found = set(then), found + (fitted or same)
        return found


def handed_on(session):
    """What each row of a draw that stands hands on at most, by its name; and all rows, with what they state."""
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


def offices_of(request, world):
    codes = {number: code for code, number in world.offices.items()}
    return [codes[one.office_id] for one in request.offices]


def check_turns(world, lost, *, exactly):
    """No priority is more than the row before gives, none is named twice, and each request has what it lost."""
    with world.session() as session:
        rows, after = handed_on(session)
        for kind, draw, row in rows:
            before = after[linked(row)] if row.link_draw else 0
            if row.link_draw or kind == "line":
                assert row.priority <= before + (kind == "turns")
            assert not (kind == "turns" and row.link_draw == draw)
        named = [linked(row) for _, _, row in rows if row.link_draw]
        assert len(named) == len(set(named))
        for request in session.scalars(select(Request)).unique():
            due = lost.count(request.reference, offices_of(request, world))
            assert request.lost_draws <= due
            assert request.lost_draws == due or not exactly


def go_on(world, round_, lost):
    """Let some who were served be displaced, an officer accept those under review, and others change their wish."""
    with world.core.sessions.begin() as session:
        served = session.scalars(
            select(Request).where(Request.state == RequestState.DRAWN).order_by(Request.receipt)
        ).all()
        for request in served[: round_["displaced"]]:
            again = asked_again(session, world.core, request, displaced=True)
            session.add(again)
            lost.by_reference[again.reference] = [*lost.by_reference[request.reference], (EVERYWHERE, True)]
        if round_["reviewed"]:
            session.execute(
                update(Request).where(Request.state == RequestState.UNDER_REVIEW).values(state=RequestState.ACCEPTED)
            )
        waiting = session.scalars(select(Request).where(Request.state.in_(WAITING_FOR_DRAW))).unique().all()
        for number, offices in round_["changes"]:
            if number < len(waiting):
                go_to(world, session, waiting[number], *offices)
        session.execute(update(SlotPool).values(taken=0, places=round_["places"]))


def lose(world, reference, lost, *, places):
    """Note for whom a draw counts as lost."""
    with world.session() as session:
        of_draw = select(Draw.id).where(Draw.reference == reference).scalar_subquery()
        rows = session.scalars(
            select(DrawEntry.request_id).where(DrawEntry.draw_id == of_draw, DrawEntry.served.is_(False))
        ).all()
        rows += session.scalars(
            select(DrawTurn.request_id).where(DrawTurn.draw_id == of_draw, DrawTurn.gained > 0)
        ).all()
        for request in session.scalars(select(Request).where(Request.id.in_(rows))).unique():
            offices = offices_of(request, world)
            lost.by_reference[request.reference].append((offices, "a" in offices and places > 0))


@settings(
    max_examples=examples(4, nightly=12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rounds=ROUNDS)
def test_no_series_of_changes_gives_more_than_the_draws_lost_for_that_wish(shared_world, rounds):
    world, lost = shared_world, Lost()
    empty(world)
    for code in EVERYWHERE:
        world.office(code)
    world.slots("a", world.first_day + timedelta(days=2), {Pool.DRAW: [1]})
    published = []

    for number, round_ in enumerate(rounds):
        go_on(world, round_, lost)
        for (earlier, held_up), offices in round_["asked"]:
            state = RequestState.UNDER_REVIEW if held_up else RequestState.ACCEPTED
            before = 0 if number else earlier
            asked = world.ask(*offices, state=state, lost=before)
            lost.by_reference[asked] = [(EVERYWHERE, True)] * before
        reference = world.closed(f"d{number}", days=DAYS)
        if round_["abandoned"]:
            draws.abandon(world.core, reference, reason="a test", by="a test")
        else:
            draws.run(world.core, reference)
            draws.publish(world.core, reference)
            lose(world, reference, lost, places=round_["places"])
            published.append(world.files(reference))
        check_turns(world, lost, exactly=not any(one["abandoned"] for one in rounds))
    if published:
        report = verify_files(published[-1], before=published[:-1])
        assert report.ok, report.words()


def ask_again(world):
    """Let everyone who waits withdraw and ask the same once more, as whoever moves an appointment does."""
    with world.core.sessions.begin() as session:
        for request in session.scalars(select(Request).where(Request.state.in_(WAITING_FOR_DRAW))).unique().all():
            session.add(asked_again(session, world.core, request))


def waiting(world):
    """Draws lost, and the draw that they follow from, of each request that waits."""
    return sorted((it.lost_draws, it.link_draw) for it in world.requests() if it.state in WAITING_FOR_DRAW)


def test_who_asks_the_same_again_between_closing_and_result_takes_the_turn_along(world, office):
    office(1)
    for _ in range(2):
        world.ask("a")
    world.draw("d1")
    draws.close(world.core, "d1")
    ask_again(world)
    assert waiting(world) == [(0, "d1"), (0, "d1")]
    draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator")
    assert waiting(world) == [(0, None), (0, None)]

    world.draw("d2")
    draws.close(world.core, "d2")
    ask_again(world)
    draws.run(world.core, "d2")

    assert waiting(world) == [(0, "d2"), (1, "d2")]


def test_no_index_holds_what_a_draw_changes_of_a_request(world):
    changes = {"draw_id", "link_draw", "link_list", "link_row", "lost_draws", "lasting_draws", "resting_draws", "state"}
    with world.session() as session:
        indexes = session.scalars(text("SELECT indexdef FROM pg_indexes WHERE tablename = 'request'")).all()

    assert indexes
    assert not [each for each in indexes if any(name in each for name in changes)]  # each would be written as well


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


def test_a_turn_that_goes_along_to_another_place_is_proven_in_the_next_draw(world, office):
    """Its draw was lost where nothing fitted, so it counts for that wish and not for what it was changed to."""
    office(1)
    world.office("shut")
    asked = world.ask("shut")
    files = [world.published("d1")]
    day = world.first_day + timedelta(days=2)
    world.slots("shut", day, {Pool.DRAW: [1]})
    files.append(world.published("d2"))
    before = world.request(asked)
    assert (before.state, before.lost_draws, before.lasting_draws) == (RequestState.DRAWN, 1, 0)
    with world.core.sessions.begin() as session:
        given_up = session.get_one(Request, before.id)
        given_up.move_to(RequestState.WITHDRAWN)
        who = given_up.members[0].person_id
    again = world.ask("a", person=who)
    with world.core.sessions.begin() as session:
        was, new = (session.get_one(Request, world.request(one).id) for one in (asked, again))
        wishes = [wish_row(one, [one.service.code], ranked_codes(session, one)) for one in (was, new)]
        turn = turn_of_successor(was, *wishes)
        session.execute(update(Request).where(Request.id == new.id).values(turn))
    files.append(world.published("d3"))
    report = verify_files(files[-1], before=files[:-1])
    assert report.ok, report.words()
