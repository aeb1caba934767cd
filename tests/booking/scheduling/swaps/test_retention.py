"""Who stood behind a night's numbers is forgotten after its time; what everyone can check is checked as before."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.platform.base.errors import NotFoundError
from booking.platform.models import SwapEntry, SwapNight
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.nights import abandon
from booking.scheduling.swaps.own_part import own_part
from booking.scheduling.swaps.schedule import AFTER_THE_DAY, KEPT, forget_nights
from booking.scheduling.swaps.verification import verify_files
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import a_night, any_time, closed, waiting, wishes


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
