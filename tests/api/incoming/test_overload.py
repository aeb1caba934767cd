"""A crowd is waited out; where more come than can be served, the rank and the pace of turns say who waits."""

import asyncio

import pytest

from api.errors import OverloadedError
from api.incoming.fair_queue import (
    BURST_SECONDS,
    COME_BACK,
    COMING_SECONDS,
    LEFT_WAITING,
    NEW_OF,
    FairQueue,
    Rank,
)
from api.incoming.pace import Pace

STAFF, UNDER_WAY, NEW = Rank


class Seconds:
    """A clock that is set."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Crowd:
    """One turn at a time, a second each, and calls that wait for it, each from a network of its own."""

    def __init__(self, waiting=1_000):
        self.clock, self.order, self.tasks = Seconds(), [], []
        self.queue = FairQueue(at_once=1, of_one=1, waiting=waiting, patience=600.0, now=self.clock)
        self.number = 0

    async def come(self, rank, who=None):
        self.number += 1
        who = who or str(self.number).encode()

        async def enter():
            await self.queue.enter(who, rank)
            self.order.append((rank, who))

        self.tasks.append(asyncio.create_task(enter()))
        await asyncio.sleep(0)
        return self.tasks[-1]

    async def work(self, turns, seconds=1.0):
        for _ in range(turns):
            self.clock.now += seconds
            self.queue.leave(self.order[-1][1])
            await asyncio.sleep(0.001)


def run(test):
    async def whole():
        crowd = Crowd()
        await test(crowd)
        for one in crowd.tasks:
            one.cancel()
        await asyncio.gather(*crowd.tasks, return_exceptions=True)

    asyncio.run(whole())


def test_a_burst_waits_and_a_standing_queue_refuses_newcomers_alone():
    async def test(crowd):
        for _ in range(4):
            await crowd.come(NEW)
        assert not any(one.done() for one in crowd.tasks[1:])
        await crowd.work(1)
        crowd.clock.now += BURST_SECONDS
        refused = await crowd.come(NEW)
        await asyncio.wait([refused])
        assert isinstance(refused.exception(), OverloadedError)
        least, most = COME_BACK[NEW]
        assert least <= refused.exception().retry_after <= most
        under_way = await crowd.come(UNDER_WAY)
        assert not under_way.done()

    run(test)


def test_a_network_that_crowds_keeps_no_other_one_out():
    async def test(crowd):
        for _ in range(80):
            await crowd.come(NEW, b"crowd")
        await crowd.work(29, seconds=0.1)
        crowd.clock.now = BURST_SECONDS
        assert crowd.queue.turns_away(NEW, b"crowd")
        assert not crowd.queue.turns_away(NEW, b"amal")

    run(test)


def test_staff_go_first_then_who_is_under_way_and_newcomers_have_a_share():
    async def test(crowd):
        await crowd.come(NEW)
        for rank in (NEW, NEW, *[UNDER_WAY] * NEW_OF, STAFF):
            await crowd.come(rank)
        await crowd.work(NEW_OF + 2, seconds=0.01)
        assert [rank for rank, _ in crowd.order[1:]] == [STAFF, *[UNDER_WAY] * (NEW_OF - 1), NEW, UNDER_WAY]

    run(test)


def test_a_full_queue_lets_a_newcomer_go_for_who_is_under_way():
    async def test(crowd):
        crowd.queue._most = 1
        await crowd.come(NEW)
        gives_way = await crowd.come(NEW)
        await crowd.come(UNDER_WAY)
        await asyncio.wait([gives_way])
        assert gives_way.exception() is not None
        assert crowd.queue.waiting == 1

    run(test)


def test_a_network_that_is_signed_in_fills_no_queue_alone():
    """One session had a thousand calls wait, each before all newcomers: nobody else was let in for seconds."""

    async def test(crowd):
        crowd.queue._most, crowd.queue._crowds = 8, 2
        for _ in range(9):
            await crowd.come(UNDER_WAY, b"crowd")
        newcomers = [await crowd.come(NEW) for _ in range(6)]
        assert not any(one.done() for one in newcomers)
        for _ in range(6):
            await asyncio.wait([await crowd.come(UNDER_WAY, b"crowd")])
        assert not any(one.done() for one in newcomers)
        gives_way, *others = reversed(newcomers)
        await crowd.come(UNDER_WAY, b"amal")
        await asyncio.wait([gives_way])
        assert (crowd.queue.waiting, any(one.done() for one in others)) == (8, False)

    run(test)


def test_who_waited_too_long_is_refused_so_that_another_one_is_served_in_time():
    async def test(crowd):
        await crowd.come(NEW)
        stale = await crowd.come(NEW)
        crowd.clock.now += LEFT_WAITING[NEW] - 0.5
        fresh = await crowd.come(NEW)
        await crowd.work(1)
        await asyncio.wait([stale, fresh])
        assert isinstance(stale.exception(), OverloadedError)
        assert fresh.exception() is None

    run(test)


def test_the_last_of_a_crowd_are_served_however_long_they_waited():
    async def test(crowd):
        for _ in range(35):
            await crowd.come(NEW)
        await crowd.work(34, seconds=0.1)
        await asyncio.wait(crowd.tasks)
        assert crowd.clock.now > LEFT_WAITING[NEW]
        assert not any(one.exception() for one in crowd.tasks)

    run(test)


@pytest.mark.parametrize(("silent", "seconds"), [(0.0, 5.0), (8.0, 80.0)])
def test_a_pace_falls_while_no_turn_ends(silent, seconds):
    clock = Seconds()
    pace = Pace(clock)
    for _ in range(20):
        clock.now += 0.5
        pace.end_one()
    clock.now += silent

    assert pace.seconds_for(10) == pytest.approx(seconds)


def test_calls_that_were_let_in_count_before_they_come_for_their_turn():
    """Each of a thousand forms was let in, as none of them waited yet; all of them were read, and refused later."""

    async def test(crowd):
        for _ in range(2):
            await crowd.come(NEW)
        await crowd.work(1, seconds=BURST_SECONDS)
        await crowd.come(NEW)
        crowd.clock.now += BURST_SECONDS
        let_in = 0
        while not crowd.queue.turns_away(UNDER_WAY, b"one more"):
            crowd.queue.expect(let_in.to_bytes(2, "big"), UNDER_WAY)
            let_in += 1
        for _ in range(9):
            crowd.queue.expect(b"one", UNDER_WAY)
        still = crowd.queue.turns_away(UNDER_WAY)
        await asyncio.wait([await crowd.come(UNDER_WAY, (0).to_bytes(2, "big"))], timeout=0.01)
        crowd.clock.now += 2 * COMING_SECONDS
        crowd.queue.expect(b"next", UNDER_WAY)
        assert 0 < let_in < 10
        assert still
        assert len(crowd.queue._coming[UNDER_WAY]) == 1

    run(test)


def test_one_network_that_keeps_its_turns_keeps_nobody_from_free_ones():
    """Five files read slowly and a sixth asked for shut everybody else out, with eleven turns free."""

    async def test(crowd):
        crowd.queue = FairQueue(at_once=4, of_one=2, waiting=9, patience=600.0, now=crowd.clock)
        for _ in range(4):
            await crowd.come(NEW, b"crowd")
        await crowd.work(1)
        crowd.clock.now += 10 * BURST_SECONDS
        assert (crowd.queue.working, crowd.queue.waiting) == (2, 1)
        assert crowd.queue.turns_away(NEW, b"crowd")
        assert not crowd.queue.turns_away(NEW)
        for one in (b"slow", b"slower"):
            crowd.queue.expect(one, NEW)
        assert crowd.queue.turns_away(NEW), "the free turns are kept for those who are let in"
        for one in (b"amal", b"sami"):
            await crowd.come(NEW, one)
        assert crowd.queue.working == 4, "who sends slowly keeps nobody from a turn"
        assert crowd.queue.turns_away(NEW, b"one more")

    run(test)
