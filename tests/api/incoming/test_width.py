"""Fewer turns are given while the event loop comes late, and all of them again when it comes in time."""

import asyncio
import sys
from itertools import count

import pytest

from api.incoming.fair_queue import FairQueue
from api.incoming.width import FEWEST, LATE_SECONDS, STANDING_SECONDS, SWITCH_SECONDS, Width


def test_a_late_loop_narrows_the_queues_and_one_in_time_widens_them():
    queue = FairQueue(at_once=10, of_one=10, waiting=0, patience=60)
    width = Width({queue: 0.0})
    for _ in range(100):
        width.note(2 * LATE_SECONDS)
    narrow = queue._at_once
    for _ in range(100):
        width.note(0.0)

    assert 1 <= narrow <= 3
    assert queue._at_once == 10


def test_some_queues_keep_more_of_their_turns():
    forms, pages = (FairQueue(at_once=10, of_one=10, waiting=0, patience=60) for _ in range(2))
    width = Width({forms: 0.5, pages: 0.0})
    for _ in range(100):
        width.note(2 * LATE_SECONDS)

    assert pages._at_once < forms._at_once == 5


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
        ([0.0] * 40 + [0.7] * 15, 0.0),
        ([0.0] * 40 + [0.7] * 25, 0.7),
        ([0.7] * 60 + [0.0], 0.7),
        ([0.7] * 60 + [0.0] * 25, 0.0),
        ([0.7] * (FEWEST - 1), 0.0),
    ],
    ids=["one moment", "less than a second", "most of the time", "in time once", "in time again", "just begun"],
)
def test_a_loop_is_late_when_it_is_most_of_the_time(measures, late):
    now = (0.05 * number for number in count())
    width = Width({}, now=now.__next__)
    for one in measures:
        width.note(one)

    assert STANDING_SECONDS == 2.0, "the measures above"
    assert width.late == late


def test_a_loop_that_comes_round_once_a_second_is_late_after_a_few_times():
    now = (3.0 * number for number in count())
    width, late = Width({}, now=now.__next__), []
    for one in (0.0, 0.0, 0.0, 0.0, 2.95, 2.95, 2.95):
        width.note(one)
        late.append(width.late)

    assert late[-3:] == [0.0, 0.0, 2.95]


def test_threads_take_short_turns_beside_a_loop_that_is_measured():
    before = sys.getswitchinterval()

    async def begin():
        measuring = asyncio.create_task(Width({}).keep_measuring())
        await asyncio.sleep(0)
        measuring.cancel()

    try:
        asyncio.run(begin())
        assert before > sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    finally:
        sys.setswitchinterval(before)
