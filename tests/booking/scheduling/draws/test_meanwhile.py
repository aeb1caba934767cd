"""What others may do while a draw is being closed: nothing is locked, and nothing that it counts on changes."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from sqlalchemy import select, update

from booking.platform.base.errors import DrawRunningError
from booking.platform.models import AuditEntry, Draw, Request, SlotPool, counts_on_places
from booking.platform.models.states import DrawState, Pool, RequestState
from booking.scheduling.draws import closing, reading
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.scheduling.draws.changing import go_to


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something between reading who takes part and writing it."""

    def do(act):
        real = closing._read

        def read(*args):
            found = real(*args)
            act()
            return found

        monkeypatch.setattr(closing, "_read", read)

    return do


def test_while_a_draw_closes_its_requests_are_free_and_its_places_are_not(world, office, meanwhile):
    office(1)
    world.ask("a")
    seen = []

    def look():
        with world.session() as session:
            seen.append(session.scalars(select(Request.id).with_for_update(nowait=True)).all())
            seen.append(session.scalars(select(Draw.reference).where(counts_on_places())).all())

    meanwhile(look)
    world.draw("d1")
    draws.close(world.core, "d1")

    requests, counting = seen
    assert (len(requests), counting) == (1, ["d1"])


def test_what_changes_between_the_line_and_the_turns_is_seen_in_neither(world, office, monkeypatch):
    office(1)
    world.ask("a")
    world.draw("d1")
    real = reading.find_turns

    def late(session, *args):
        with world.core.sessions.begin() as meanwhile:
            meanwhile.execute(update(Request).values(state=RequestState.UNDER_REVIEW))
        return real(session, *args)

    monkeypatch.setattr(reading, "find_turns", late)
    draws.close(world.core, "d1")

    (found,) = world.requests()
    assert (found.lost_draws, found.link_list, found.link_row) == (0, "line", 0)


def test_a_draw_given_up_while_it_closes_binds_nobody(world, office, meanwhile):
    office(1)
    world.ask("a", lost=1)
    meanwhile(lambda: draws.abandon(world.core, "d1", reason="The power was out.", by="an administrator"))
    world.draw("d1")

    assert draws.close(world.core, "d1").state is DrawState.ABANDONED

    (found,) = world.requests()
    assert (found.lost_draws, found.owed_turns, found.link_draw, found.draw_id) == (1, 1, None, None)


def test_files_that_would_not_be_read_back_close_no_draw(world, office, monkeypatch):
    office(1)
    world.ask("a", lost=1)
    world.draw("d1")
    with monkeypatch.context() as patched:
        patched.setattr(closing, "write_closing", Mock(side_effect=DamagedFileError("a line")))
        with pytest.raises(DamagedFileError):
            draws.close(world.core, "d1")
    with world.session() as session:
        assert session.scalars(select(Draw.state)).all() == [DrawState.OPEN]

    assert draws.close(world.core, "d1").state is DrawState.CLOSED

    (found,) = world.requests()
    assert (found.lost_draws, found.owed_turns, found.link_row) == (1, 0, 0)


def test_who_withdraws_while_a_draw_closes_gets_no_place(world, office, meanwhile):
    office(1)
    for _ in range(2):
        world.ask("a")
    mine, _ = world.requests()
    meanwhile(lambda: withdraw(world.core, account_id=mine.account_id, reference=mine.reference))
    world.draw("d1")
    draws.close(world.core, "d1")
    draws.run(world.core, "d1")

    with world.session() as session:
        details = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "draw.drawn")).one()
    assert details["left_meanwhile"] == 1


@pytest.mark.parametrize("reachable", [True, False])
def test_places_of_who_left_go_where_given_up_ones_go(world, office, meanwhile, reachable):
    (slot,) = office(1)
    world.ask("a")
    (mine,) = world.requests()
    meanwhile(lambda: withdraw(world.core, account_id=mine.account_id, reference=mine.reference))
    world.draw("d1")
    first = world.first_day if reachable else world.first_day + timedelta(days=1)
    now = world.clock.now()
    times = {"opens_at": now, "closes_at": now + timedelta(hours=1)}
    draws.announce(world.core, reference="d2", horizon_first=first, horizon_last=first, **times)
    draws.close(world.core, "d1")
    draws.run(world.core, "d1")

    with world.session() as session:
        pools = session.execute(select(SlotPool.pool, SlotPool.places, SlotPool.taken).filter_by(slot_id=slot))
        free = {pool: (places, taken) for pool, places, taken in pools}
    assert free == ({Pool.DRAW: (1, 0)} if reachable else {Pool.DRAW: (0, 0), Pool.WALK_IN: (1, 0)})


def test_nobody_changes_a_wish_while_a_draw_closes_whatever_their_clock_says(world, office, meanwhile):
    office(1)
    office(1, code="b")
    world.ask("a")
    (mine,) = world.requests()

    def change():
        world.clock.advance(-timedelta(minutes=10))
        with pytest.raises(DrawRunningError), world.core.sessions.begin() as session:
            go_to(world, session, session.get_one(Request, mine.id), "b")
        world.clock.advance(timedelta(minutes=10))

    meanwhile(change)
    world.draw("d1")
    draws.close(world.core, "d1")

    assert draws.run(world.core, "d1").state is DrawState.DRAWN
