"""What is due at the same moment wakes an event loop once."""

import asyncio

from api.incoming import moments
from api.incoming.moments import STEP_SECONDS, in_a_moment, wait_a_moment


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
