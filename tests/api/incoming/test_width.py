"""Fewer turns are given while the event loop comes late, and all of them again when it comes in time."""

import asyncio
from itertools import count

import pytest

from api.incoming.fair_queue import FairQueue
from api.incoming.width import FEWEST, LATE_SECONDS, STANDING_SECONDS, Width


def test_a_late_loop_narrows_the_queues_and_one_in_time_widens_them():
    queue = FairQueue(at_once=10, of_one=10, waiting=0, patience=60)
    width = Width([queue])
    for _ in range(100):
        width.note(2 * LATE_SECONDS)
    narrow = queue._at_once
    for _ in range(100):
        width.note(0.0)

    assert 1 <= narrow <= 5
    assert queue._at_once == 10


def test_whoever_waits_begins_as_soon_as_there_is_room_again():
    async def test():
        queue = FairQueue(at_once=4, of_one=4, waiting=9, patience=60)
        queue.give(0.0)
        await queue.enter(b"amal")
        others = [asyncio.create_task(queue.enter(bytes([number]))) for number in range(3)]
        await asyncio.sleep(0)
        before = queue.working
        queue.give(1.0)
        await asyncio.wait_for(asyncio.gather(*others), 30)
        assert (before, queue.working) == (1, 4)

    asyncio.run(test())


@pytest.mark.parametrize(
    ("measures", "late"),
    [
        ([0.0] * 40 + [9.0], 0.0),
        ([0.0] * 40 + [0.7] * 2, 0.0),
        ([0.0] * 40 + [0.7] * 42, 0.7),
        ([0.0] * 40 + [0.7] * 20 + [0.0] + [0.7] * 20, 0.0),
        ([0.0] * 40 + [0.7] * 42 + [0.001], 0.001),
        ([0.7] * 39, 0.0),
    ],
    ids=["one moment", "two", "two seconds", "in time between", "in time since", "just begun"],
)
def test_a_loop_is_late_when_it_has_been_for_two_seconds_without_a_break(measures, late):
    now = (0.05 * number for number in count())
    width = Width([], now=now.__next__)
    for one in measures:
        width.note(one)

    assert STANDING_SECONDS == 2.0, "the measures above"
    assert width.late == late


def test_a_loop_that_comes_round_once_a_second_is_late_after_a_few_times():
    now = (3.0 * number for number in count())
    width = Width([], now=now.__next__)
    for _ in range(FEWEST - 1):
        width.note(2.95)
    before = width.late
    width.note(2.95)

    assert (before, width.late) == (0.0, 2.95)
