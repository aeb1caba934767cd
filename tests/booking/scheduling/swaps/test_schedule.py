"""Nights by schedule: announced, closed and decided in time, given up where that is too late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.platform.base.errors import NotFoundError
from booking.platform.models import SwapEntry, SwapNight, SwapState
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.nights import abandon
from booking.scheduling.swaps.own_part import own_part
from booking.scheduling.swaps.schedule import AFTER_THE_DAY, GIVEN_UP, KEPT, advance_swaps, forget_nights
from booking.scheduling.swaps.verification import verify_files
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, closed, day_of, waiting, wishes


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


def behind(world):
    """How many entries there are, and what is behind the numbers of each night, by reference."""
    with world.session() as session:
        entries = len(session.scalars(select(SwapEntry)).all())
        nights = session.execute(select(SwapNight.reference, SwapNight.places, SwapNight.inputs)).all()
        return entries, {one.reference: (bool(one.places), one.inputs is not None) for one in nights}


def test_who_took_part_goes_after_its_time_and_the_night_is_checked_as_before(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    account_id = found(world, holder).request.account_id
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    a_night(world)
    files = night_files(world.core, "x-1")
    world.clock.advance(KEPT)
    assert forget_nights(world.core) == 0
    assert own_part(world.core, account_id=account_id, reference=holder)

    world.clock.advance(timedelta(days=1))
    assert forget_nights(world.core) == 1
    assert behind(world) == (0, {"x-1": (False, True)})
    with pytest.raises(NotFoundError):
        own_part(world.core, account_id=account_id, reference=holder)
    assert night_files(world.core, "x-1") == files
    assert verify_files(files)[-1].startswith("1 moved")
    assert forget_nights(world.core) == 0


def test_who_was_moved_between_later_days_is_known_until_these_are_over(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    a_night(world)
    with world.core.sessions.begin() as session:
        late = world.clock.now() + KEPT
        session.execute(update(SwapEntry).values(to_starts_at=late))
    world.clock.advance(KEPT + AFTER_THE_DAY)
    assert forget_nights(world.core) == 0
    assert behind(world) == (1, {"x-1": (True, True)})


def test_of_a_night_that_was_given_up_nothing_stays_of_anybody(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    abandon(world.core, closed(world))
    world.clock.advance(KEPT + timedelta(days=1))
    assert forget_nights(world.core) == 1
    assert behind(world) == (0, {"x-1": (False, False)})


def test_a_wish_of_an_appointment_that_ended_goes_without_a_night(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    forget_nights(world.core)
    assert len(waiting(world)) == 1
    cancel(world.core, account_id=found(world, holder).request.account_id, reference=holder)
    assert len(waiting(world)) == 1
    forget_nights(world.core)
    assert waiting(world) == set()
