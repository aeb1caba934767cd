"""Whoever is refused hears it later, and all of the same moment wake an event loop once."""

import asyncio

from api.incoming import moments
from api.incoming.moments import STEP_SECONDS, in_a_moment, wait_a_moment
from tests.conftest import PAUSE_IN_USE


class Loop:
    """An event loop whose time is set, and which notes what it is asked for."""

    def __init__(self):
        self.now, self.timers, self.soon = 0.0, [], []

    def time(self):
        return self.now

    def call_at(self, when, call, *given):
        self.timers.append((when, call, given))

    def call_soon(self, call):
        self.soon.append(call)


def test_calls_of_one_moment_share_a_timer_and_none_comes_early():
    loop, calls = Loop(), [object() for _ in range(5)]
    for place, call in enumerate(calls[:4]):
        loop.now = place * STEP_SECONDS / 5
        in_a_moment(loop, 1.0, call)
    in_a_moment(loop, 2.0, calls[4])
    [(first, wake, given), (second, *_)] = loop.timers
    wake(*given)

    assert 1.0 + 3 * STEP_SECONDS / 5 < first <= 1.0 + 2 * STEP_SECONDS
    assert loop.now + 2.0 < second
    assert loop.soon == calls[:4]


def test_whoever_waits_a_moment_and_leaves_keeps_nobody_else(monkeypatch):
    monkeypatch.setattr(moments, "STEP_SECONDS", 0.001)

    async def wait():
        leaves, waits = asyncio.create_task(wait_a_moment(0.01)), asyncio.create_task(wait_a_moment(0.01))
        await asyncio.sleep(0)
        leaves.cancel()
        await asyncio.wait_for(waits, 30)
        return leaves.cancelled()

    assert asyncio.run(wait())


def test_a_refusal_is_told_later_and_only_so_many_wait_for_it(monkeypatch):
    monkeypatch.setattr(moments, "PAUSE_SECONDS", 60.0)
    monkeypatch.setattr(moments, "MOST_SLOWED", 3)

    async def test():
        slowed = [asyncio.create_task(moments.slow_down()) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.wait_for(moments.slow_down(), 30)
        assert not any(one.done() for one in slowed)
        for one in slowed:
            one.cancel()
        await asyncio.wait(slowed)
        assert not moments._SLOWED

    assert PAUSE_IN_USE >= 1.0
    asyncio.run(test())
