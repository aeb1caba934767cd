"""A night given out in slices: killed anywhere it goes on, a draw delays it, and a refused chain stays alone."""

import pytest
from sqlalchemy import text

from booking.platform.models import SwapOutcome, SwapState
from booking.scheduling.draws import draw as draws
from booking.scheduling.swaps import give_out
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.nights import abandon
from booking.scheduling.swaps.schedule import GIVEN_UP, advance_swaps
from tests.booking.desk.counter.closed_days import DAY, an_appointment, check_places, found, told
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import KilledError, any_time, closed, day_of, killed_at, outcomes, wishes
from tests.support.roles import past_the_roles

FIRST, SECOND, THIRD = FIRST_DAY, FIRST_DAY + DAY, FIRST_DAY + 2 * DAY


@pytest.fixture
def holders(world, days, monkeypatch):
    """Five who move, in two chains at least, as two go to free places; one who does not; a night goes by chains."""
    monkeypatch.setattr(give_out, "_AT_ONCE", 1)
    have = [days[0][0], days[1][0], days[0][1], days[1][1], days[0][1], days[2][0]]
    found = [an_appointment(world, {slot: 1}, "a") for slot in have]
    for holder, day in zip(found, [SECOND, FIRST, SECOND, THIRD, THIRD, FIRST + 20 * DAY], strict=True):
        wishes(world, holder, any_time("a", day))
    closed(world)
    return found


def test_a_night_that_is_killed_again_and_again_moves_everybody_once(world, holders):
    """Each process that goes on makes one step, and dies in the next one."""
    moved = []
    for _ in holders:
        try:
            with killed_at(world, 2):
                night = decide(world.core, "x-1")
            break
        except KilledError:
            pass
        check_places(world)
        assert {len(found(world, one).places) for one in holders} == {1}
        assert abandon(world.core, "x-1").state is SwapState.CLOSED
        moved.append(sum(outcomes(world, one) == [SwapOutcome.MOVED] for one in holders))

    assert (night.state, night.figures["moved"]) == (SwapState.DONE, 5)
    assert moved[0] == 0
    assert moved == sorted(set(moved)) != [0]
    assert [told(world, one) for one in holders] == [["exchanged"]] * 5 + [[]]
    assert [day_of(world, one) for one in holders[:2]] == [SECOND, FIRST]
    check_places(world)


def test_a_draw_between_two_slices_delays_what_is_left_and_nothing_is_given_up(world, holders):
    with pytest.raises(KilledError), killed_at(world, 3):
        decide(world.core, "x-1")
    world.closed("d2")
    assert decide(world.core, "x-1").waits_for == "draw"
    world.clock.advance(GIVEN_UP)
    assert advance_swaps(world.core) == ["x-1 waits: draw"]
    draws.run(world.core, "d2")
    assert decide(world.core, "x-1").state is SwapState.DONE
    assert [outcomes(world, one) for one in holders] == [[SwapOutcome.MOVED]] * 5 + [[SwapOutcome.KEPT]]
    check_places(world)


def test_nobody_is_moved_from_or_to_a_day_that_came_while_a_night_was_not_given_out(world, holders):
    """Its process died after the first slice, and no other one went on for days."""
    with pytest.raises(KilledError), killed_at(world, 3):
        decide(world.core, "x-1")
    moved = [one for one in holders if outcomes(world, one) == [SwapOutcome.MOVED]]
    had = {one: found(world, one).starts_at for one in holders}
    world.clock.advance(had[holders[0]] + DAY / 12 - world.clock.now())
    assert decide(world.core, "x-1").state is SwapState.DONE
    assert {one: found(world, one).starts_at for one in holders} == had
    assert [one for one in holders if outcomes(world, one) == [SwapOutcome.MOVED]] == moved
    check_places(world)


def test_a_chain_that_the_database_refuses_stays_and_keeps_no_other_one(world, holders, monkeypatch):
    monkeypatch.setattr(give_out, "_AT_ONCE", 200)
    refused = found(world, holders[4]).request.account_id
    with past_the_roles(world.core) as session:
        session.execute(text(f"ALTER TABLE message ADD CHECK (account_id <> '{refused}') NOT VALID"))
    assert decide(world.core, "x-1").state is SwapState.DONE
    assert (outcomes(world, holders[4]), day_of(world, holders[4])) == ([SwapOutcome.NO_PLACE], FIRST)
    assert (outcomes(world, holders[3]), day_of(world, holders[3])) == ([SwapOutcome.MOVED], THIRD)
    check_places(world)
