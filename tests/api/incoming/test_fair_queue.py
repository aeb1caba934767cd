"""Networks take turns, whoever crowds gives way, and no turn is lost."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from api.incoming.fair_queue import FairQueue
from booking.platform.base.errors import BusyError

CROWD, AMAL, SAMI = b"crowd", b"amal", b"sami"


def queue(**changes) -> FairQueue:
    return FairQueue(**{"at_once": 2, "of_one": 2, "waiting": 4, "patience": 60.0} | changes)


def run(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(test())


async def crowd(turns: FairQueue, who: bytes, count: int, order: list[bytes]) -> list[asyncio.Task]:
    """Let ``count`` calls of a network come, each of which notes when it got its turn."""

    async def come():
        await turns.enter(who)
        order.append(who)

    tasks = [asyncio.create_task(come()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


def test_a_newcomer_is_next_however_many_of_another_network_wait():
    async def test():
        turns, order = queue(), []
        await crowd(turns, CROWD, 5, order)
        await crowd(turns, AMAL, 1, order)
        for _ in range(2):
            turns.leave(CROWD)
            await asyncio.sleep(0.01)
        assert order == [CROWD, CROWD, CROWD, AMAL]

    run(test)


def test_a_full_queue_refuses_the_newest_of_the_network_that_has_most():
    async def test():
        turns, order = queue(), []
        tasks = await crowd(turns, CROWD, 6, order)
        with pytest.raises(BusyError):
            await turns.enter(CROWD)
        [amal] = await crowd(turns, AMAL, 1, order)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        assert isinstance(tasks[-1].exception(), BusyError)
        assert not amal.done()
        assert turns.waiting == 4

    run(test)


def test_a_full_queue_of_many_networks_refuses_the_newcomer():
    async def test():
        turns = queue(at_once=1, of_one=1, waiting=2)
        await turns.enter(SAMI)
        await crowd(turns, CROWD, 1, [])
        await crowd(turns, AMAL, 1, [])
        with pytest.raises(BusyError):
            await turns.enter(b"one more")

    run(test)


def test_one_network_leaves_a_turn_to_the_others():
    async def test():
        turns, order = queue(of_one=1), []
        await crowd(turns, CROWD, 3, order)
        await asyncio.wait_for(turns.enter(AMAL), 10)
        assert order == [CROWD]
        turns.leave(AMAL)
        await asyncio.sleep(0.01)
        assert (order, turns.working, turns.waiting) == ([CROWD], 1, 2)

    run(test)


def test_whoever_waits_too_long_is_told_and_holds_no_turn():
    async def test():
        turns = queue(at_once=1, of_one=1, patience=0.01)
        await turns.enter(CROWD)
        with pytest.raises(BusyError):
            await turns.enter(AMAL)
        turns.leave(CROWD)
        assert (turns.working, turns.waiting) == (0, 0)

    run(test)


@pytest.mark.parametrize("has_turn", [False, True])
def test_a_call_that_is_cancelled_keeps_no_turn(has_turn):
    async def test():
        turns = queue(at_once=1, of_one=1)
        await turns.enter(CROWD)
        [amal] = await crowd(turns, AMAL, 1, [])
        if has_turn:
            turns.leave(CROWD)
        amal.cancel()
        await asyncio.wait([amal])
        if not has_turn:
            turns.leave(CROWD)
        await asyncio.wait_for(turns.enter(SAMI), 10)

    run(test)


def test_turns_go_from_one_event_loop_to_another():
    turns = queue(at_once=1, of_one=1)

    async def here():
        await turns.enter(CROWD)
        there = asyncio.create_task(asyncio.to_thread(asyncio.run, turns.enter(AMAL)))
        while not turns.waiting:  # noqa: ASYNC110 - of another event loop
            await asyncio.sleep(0.001)
        turns.leave(CROWD)
        await asyncio.wait_for(there, 30)

    run(here)
    assert turns.working == 1
