"""Processes that decide a night and cancel at once: no place is lost, given twice or left without an owner."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest

from booking.opening import open_core
from booking.platform.base.clock import SettableClock
from booking.platform.base.errors import MawidError
from booking.platform.models import SwapOutcome, SwapState
from booking.platform.models.states import AppointmentState
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.swaps import give_out
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.errors import NightRunningError
from booking.scheduling.swaps.nights import close
from tests.booking.desk.counter.closed_days import DAY, an_appointment, check_places, found, told
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import announced, any_time, closed, day_of, outcomes, wishes
from tests.support.meanwhile import right_after, wait_for_a_lock
from tests.support.roles import as_app
from tests.support.waiting import PATIENCE, ended

# Nothing that another thread holds is needed: a child opens all that it works with.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def act(settings, url, now, barrier, cancelled):
    """Decide the night, or cancel some appointments, as soon as all others are ready."""
    with open_core(settings, database_url=url, redis_url="unix:///nowhere", clock=SettableClock(now)) as core:
        barrier.wait()
        if not cancelled:
            decide(core, "x-1")
        for account_id, reference in cancelled:
            try:
                cancel(core, account_id=account_id, reference=reference)
            except MawidError:
                raise SystemExit(3) from None


def test_cancelling_and_deciding_at_once_keep_every_place_with_one_owner(world, days, database_url, monkeypatch):
    """A chain of two, and two who swap: one of each cancels while two processes give the night out chain by chain."""
    monkeypatch.setattr(give_out, "_AT_ONCE", 1)
    first, second = an_appointment(world, {days[0][0]: 2}, "a"), an_appointment(world, {days[1][0]: 2}, "a")
    third, fourth = an_appointment(world, {days[0][1]: 2}, "a"), an_appointment(world, {days[1][1]: 2}, "a")
    wishes(world, first, any_time("a", FIRST_DAY + DAY))
    wishes(world, second, any_time("a", FIRST_DAY + 2 * DAY, bands=["morning"]))
    wishes(world, third, any_time("a", FIRST_DAY + DAY))
    wishes(world, fourth, any_time("a", FIRST_DAY))
    closed(world)
    gone = [(found(world, one).request.account_id, one) for one in (second, fourth)]
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(3, timeout=PATIENCE)
    common = world.core.settings, as_app(database_url), world.clock.now(), barrier
    processes = [fork.Process(target=act, args=(*common, part)) for part in ((), (), gone)]
    for process in processes:
        process.start()
    for process in processes:
        ended(process)

    assert [process.exitcode for process in processes] == [0, 0, 0]
    check_places(world)
    for reference in (second, fourth):
        assert found(world, reference).state is AppointmentState.CANCELLED
        assert told(world, reference).count("appointment_cancelled") == 1
    for reference in (first, third):
        moved = outcomes(world, reference) == [SwapOutcome.MOVED]
        assert day_of(world, reference) == FIRST_DAY + moved * DAY
        assert told(world, reference) == ["exchanged"] * moved
    assert day_of(world, first) == FIRST_DAY + DAY  # the place of the second is free, whoever was first


def test_somebody_who_changes_a_wish_while_a_night_closes_waits_and_is_refused(world, days):
    """The night has taken the wish, they the appointment, of which the night is about to write."""
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    night = announced(world)
    with ThreadPoolExecutor(1) as pool:
        changing = []

        def change():
            changing.append(pool.submit(wishes, world, holder, any_time("a", FIRST_DAY + 2 * DAY)))
            wait_for_a_lock(world.core)

        with right_after(world.core, "LOCK TABLE swap_wish", change):
            assert close(world.core, night).state is SwapState.CLOSED
        with pytest.raises(NightRunningError):
            changing[0].result(PATIENCE)
