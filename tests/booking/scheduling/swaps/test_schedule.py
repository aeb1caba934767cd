"""Nights by schedule: announced, closed and decided in time, given up where that is too late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.platform.models import SwapNight, SwapState
from booking.scheduling.swaps.schedule import GIVEN_UP, advance_swaps
from tests.booking.desk.counter.closed_days import DAY, an_appointment
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import any_time, day_of, wishes


def nights(world):
    with world.session() as session:
        return session.scalars(select(SwapNight).order_by(SwapNight.closes_at)).all()


def test_a_night_is_announced_closed_and_decided_and_the_next_announced(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    assert advance_swaps(world.core) == ["x-2026-11-02 announced"]
    assert advance_swaps(world.core) == []
    world.clock.set(nights(world)[0].closes_at)
    assert advance_swaps(world.core) == ["x-2026-11-02 done", "x-2026-11-03 announced"]
    assert advance_swaps(world.core) == []
    assert day_of(world, holder) == FIRST_DAY + DAY


def test_a_night_waits_while_a_draw_counts_on_places_and_is_given_up_after_a_day(world, days):
    advance_swaps(world.core)
    world.closed("d2")
    world.clock.set(nights(world)[0].closes_at)
    assert advance_swaps(world.core) == ["x-2026-11-02 waits: draw"]
    world.clock.advance(GIVEN_UP)
    assert advance_swaps(world.core) == ["x-2026-11-02 abandoned", "x-2026-11-03 announced"]
    assert [night.state for night in nights(world)] == [SwapState.ABANDONED, SwapState.ANNOUNCED]


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=1)])
def test_a_night_whose_value_may_be_known_is_not_closed_any_more(world, days, late, monkeypatch):
    monkeypatch.setattr(
        "booking.scheduling.swaps.nights.earliest", lambda _: nights(world)[0].closes_at + timedelta(hours=1)
    )
    advance_swaps(world.core)
    with world.core.sessions.begin() as session:  # of a night that is not closed it counts for nothing
        session.execute(update(SwapNight).values(beacon_signature=b"planted" if late else None))
    world.clock.set(nights(world)[0].closes_at + late)
    done = advance_swaps(world.core)
    assert done[0] == ("x-2026-11-02 abandoned" if late else "x-2026-11-02 done")
