"""Single units are placed price by price: in whatever order and however many at once that is done."""

from collections.abc import Callable, Iterable
from threading import Barrier
from typing import TypeVar

import numpy as np
import pytest

from allocation.building.samples import country
from allocation.components import components
from allocation.improving.draft import rounded_draft
from allocation.serving.whole import serve_split
from allocation.side_by_side import spread_over
from tests.support.waiting import PATIENCE

T = TypeVar("T")
R = TypeVar("R")


def backwards(task: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Do the last item first."""
    return [task(item) for item in list(items)[::-1]][::-1]


@pytest.mark.parametrize("seed", range(2))
def test_prices_can_be_placed_in_any_order_and_beside_each_other(seed: int) -> None:
    problem = country(2_500, seed=seed, parties=0.4)
    line = max((part.line for part in components(problem)), key=lambda line: line.requests)
    assert np.unique(serve_split(line).prices).size > 2

    usual = rounded_draft(line)
    with spread_over(3) as spread:
        beside = rounded_draft(line, spread=spread)

    for other in (beside, rounded_draft(line, spread=backwards)):
        assert np.array_equal(other.bin_of_row, usual.bin_of_row)


def test_results_come_in_the_order_of_the_items_from_threads_that_work_at_once() -> None:
    both = Barrier(2, timeout=PATIENCE)  # breaks where the other item is done after this one

    def meet(number: int) -> int:
        both.wait()
        return number * number

    with spread_over(2) as spread:
        assert list(spread(meet, [3, 2])) == [9, 4]


def test_one_worker_needs_no_thread() -> None:
    with spread_over(1) as spread:
        assert spread is map
