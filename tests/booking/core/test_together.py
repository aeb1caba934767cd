"""Pieces that come while a batch runs are the next batch, and each caller gets its own answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from booking.core.together import BrokenOffError, Together


class Bench:
    """Work that notes its batches; the first one lasts until it is let go."""

    def __init__(self):
        self.batches = []
        self.begun, self.go = Event(), Event()

    def work(self, pieces):
        self.batches.append(list(pieces))
        if len(self.batches) == 1:
            self.begun.set()
            self.go.wait()
        return [ValueError(piece) if piece < 0 else piece * 10 for piece in pieces]


def gathered(bench, together, pieces):
    """Let the first piece run alone, the others come meanwhile; return what became of all."""
    work = bench.work
    with ThreadPoolExecutor(len(pieces) + 1) as pool:
        first = pool.submit(together.do, work, 1)
        bench.begun.wait()
        others = [pool.submit(together.do, work, piece) for piece in pieces]
        while len(together._queues[work].waiting) < len(pieces):
            pass
        bench.go.set()
        return [first, *others]


def test_what_comes_while_a_batch_runs_is_the_next_batch():
    bench = Bench()

    answers = gathered(bench, Together(at_once=1), [2, 3, 4])

    assert [one.result() for one in answers] == [10, 20, 30, 40]
    assert [sorted(batch) for batch in bench.batches] == [[1], [2, 3, 4]]


def test_no_batch_is_larger_than_it_may_be_and_nobody_is_forgotten():
    bench = Bench()

    answers = gathered(bench, Together(at_once=1, most=4), list(range(2, 12)))

    assert [one.result() for one in answers] == [piece * 10 for piece in [1, *range(2, 12)]]
    assert [len(batch) for batch in bench.batches] == [1, 4, 4, 2]


def test_a_refused_piece_is_refused_to_its_own_caller_alone():
    bench = Bench()

    first, bad, good = gathered(bench, Together(at_once=1), [-2, 3])

    assert isinstance(bad.exception(), ValueError)
    assert (first.result(), good.result()) == (10, 30)


def test_what_breaks_a_batch_reaches_all_of_it_and_the_next_one_works():
    together = Together()

    def broken(pieces):
        raise OSError("the database is away")

    for _ in range(3):  # more often than batches may run at once: no place of a leader is lost
        with pytest.raises(OSError, match="away"):
            together.do(broken, 1)


def test_a_thread_that_is_ended_leaves_others_an_error_and_the_queue_alive():
    together, pieces = Together(at_once=1), []

    def ended(batch):
        pieces.append(list(batch))
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            together.do(ended, 1)
    assert pieces == [[1], [1]]
    assert issubclass(BrokenOffError, Exception)
