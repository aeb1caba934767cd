"""Pieces that come while a batch runs are the next batch, and each caller gets its own answer."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from booking.country.core.together import CROWD, BrokenOffError, Together
from tests.support.waiting import PATIENCE


class Bench:
    """Work that notes its batches; the first one lasts until it is let go."""

    def __init__(self):
        self.batches = []
        self.begun, self.go = Event(), Event()

    def work(self, pieces):
        self.batches.append(list(pieces))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.go.wait(PATIENCE)
        return [ValueError(piece) if piece < 0 else piece * 10 for piece in pieces]


def gathered(bench, together, pieces):
    """Let the first piece run alone, the others come meanwhile from threads; return what became of all."""
    work = bench.work
    with ThreadPoolExecutor(len(pieces) + 1) as pool:
        first = pool.submit(together.do, work, 1)
        assert bench.begun.wait(PATIENCE)
        others = [pool.submit(together.do, work, piece) for piece in pieces]
        while len(together._queues[work].waiting) < len(pieces):
            pass
        bench.go.set()
        return [first, *others]


async def joined(bench, together, pieces, *, leaving=()):
    """Do as `gathered` in an event loop, in which some callers leave before the first batch ends."""
    work = bench.work
    first = asyncio.create_task(together.join(work, 1))
    await asyncio.to_thread(bench.begun.wait)
    others = {piece: asyncio.create_task(together.join(work, piece)) for piece in pieces}
    await asyncio.sleep(0)
    for piece in leaving:
        others[piece].cancel()
    bench.go.set()
    return await asyncio.gather(first, *others.values(), return_exceptions=True)


def test_what_comes_while_a_batch_runs_is_the_next_batch():
    bench = Bench()

    answers = gathered(bench, Together(at_once=1), [2, 3, 4])

    assert [one.result(PATIENCE) for one in answers] == [10, 20, 30, 40]
    assert [sorted(batch) for batch in bench.batches] == [[1], [2, 3, 4]]


def test_no_batch_is_larger_than_it_may_be_and_nobody_is_forgotten():
    bench = Bench()

    answers = gathered(bench, Together(at_once=1, most=4), list(range(2, 12)))

    assert [one.result(PATIENCE) for one in answers] == [piece * 10 for piece in [1, *range(2, 12)]]
    assert [len(batch) for batch in bench.batches] == [1, 4, 4, 2]


def test_a_full_batch_does_not_wait_for_one_that_is_slow():
    bench, together = Bench(), Together(at_once=2, most=3)
    with ThreadPoolExecutor(4) as pool:
        slow = pool.submit(together.do, bench.work, 1)
        assert bench.begun.wait(PATIENCE)
        assert list(pool.map(lambda piece: together.do(bench.work, piece), [2, 3, 4])) == [20, 30, 40]
        bench.go.set()
        assert slow.result(PATIENCE) == 10


@pytest.mark.parametrize("in_loop", [False, True])
def test_a_single_piece_behind_a_slow_batch_is_done_though_nobody_comes_after_it(in_loop):
    bench, together = Bench(), Together(at_once=2)

    async def join():
        return await together.join(bench.work, 2)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(together.do, bench.work, 1)
        assert bench.begun.wait(PATIENCE)
        assert (asyncio.run(join()) if in_loop else together.do(bench.work, 2)) == 20
        assert not slow.done()
        bench.go.set()
        assert slow.result(PATIENCE) == 10


def test_a_refused_piece_is_refused_to_its_own_caller_alone():
    bench = Bench()

    first, bad, good = gathered(bench, Together(at_once=1), [-2, 3])

    assert isinstance(bad.exception(), ValueError)
    assert (first.result(PATIENCE), good.result(PATIENCE)) == (10, 30)


def test_callers_in_an_event_loop_are_a_batch_too_and_one_who_leaves_stops_nobody():
    bench, together = Bench(), Together(at_once=1)

    answers = asyncio.run(joined(bench, together, [2, -3, 4, 5], leaving=[2, 5]))

    assert [type(one).__name__ for one in answers] == ["int", "CancelledError", "ValueError", "int", "CancelledError"]
    assert (answers[0], answers[3]) == (10, 40)
    assert bench.batches == [[1], [2, -3, 4, 5]], "what was handed in is done, whoever waits for it"


def test_an_answer_that_no_future_takes_leaves_the_others_of_its_loop_theirs():
    def work(pieces):
        return [StopIteration() if piece == 1 else piece for piece in pieces]

    async def both():
        together = Together(at_once=1)
        first, *others = [asyncio.ensure_future(together.join(work, piece)) for piece in (0, 1, 2)]
        await first
        return await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 30)

    bad, good = asyncio.run(both())
    assert (type(bad), good) == (BrokenOffError, 2)


def test_a_loop_that_is_gone_leaves_the_others_of_its_batch_their_answers():
    bench, together = Bench(), Together(at_once=1)

    async def leave():
        gone = asyncio.create_task(together.join(bench.work, 1))
        await asyncio.to_thread(bench.begun.wait)
        gone.cancel()

    asyncio.run(leave())
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(together.do, bench.work, 2)
        bench.go.set()
        assert other.result(PATIENCE) == 20
    together.close()


def test_closing_waits_for_what_was_handed_in_and_takes_nothing_more():
    bench, together = Bench(), Together(at_once=1)
    with ThreadPoolExecutor(2) as pool:
        last = pool.submit(together.do, bench.work, 1)
        assert bench.begun.wait(PATIENCE)
        closing = pool.submit(together.close)
        bench.go.set()
        assert last.result(PATIENCE) == 10
        closing.result(PATIENCE)
    with pytest.raises(RuntimeError, match="shutdown"):
        together.do(bench.work, 2)


def test_what_breaks_a_batch_reaches_all_of_it_and_the_next_one_works():
    together = Together()

    def broken(pieces):
        raise OSError("the database is away")

    for _ in range(3):  # more often than batches may run at once: no thread of theirs is lost
        with pytest.raises(OSError, match="away"):
            together.do(broken, 1)


@pytest.mark.parametrize("answer", [KeyboardInterrupt(), []])
def test_a_batch_that_is_broken_off_leaves_its_callers_an_error_and_the_queue_alive(answer):
    together, pieces = Together(at_once=1), []

    def ended(batch):
        pieces.append(list(batch))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    for _ in range(2):
        with pytest.raises(BrokenOffError):
            together.do(ended, 1)
    assert pieces == [[1], [1]]


class Crowd(Bench):
    """A crowd of which everybody comes again once, after their first answer."""

    def __init__(self, together, size):
        super().__init__()
        self._together, self._size = together, size

    async def come(self, grows):
        """Return the sizes of the batches after the first piece, which all others waited for."""
        work = self.work
        first = asyncio.create_task(self._together.join(work, 1, grows=grows))
        await asyncio.to_thread(self.begun.wait)

        async def twice(piece):
            await self._together.join(work, piece, grows=grows)
            await self._together.join(work, piece, grows=grows)

        others = [asyncio.create_task(twice(piece)) for piece in range(2, 2 + self._size)]
        await asyncio.sleep(0)
        self.go.set()
        await asyncio.gather(first, *others)
        self._together.close()
        return [len(batch) for batch in self.batches[1:]]


def test_in_a_crowd_a_batch_waits_for_as_many_as_came_before():
    assert asyncio.run(Crowd(Together(at_once=1), CROWD).come(grows=60.0)) == [CROWD, CROWD]


def test_where_few_come_or_the_moment_is_over_no_batch_waits_any_longer():
    few = asyncio.run(Crowd(Together(at_once=1), CROWD - 1).come(grows=60.0))
    over = asyncio.run(Crowd(Together(at_once=1), CROWD).come(grows=1e-9))

    assert (sum(few), sum(over)) == (2 * (CROWD - 1), 2 * CROWD)
