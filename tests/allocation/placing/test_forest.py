from collections.abc import Callable, Iterable
from threading import Barrier
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.building.samples import country
from allocation.components import components
from allocation.improving.draft import rounded_draft
from allocation.placing.forest import without_cycles
from allocation.serving.whole import serve_split
from allocation.side_by_side import spread_over
from tests.support.waiting import PATIENCE

EDGES = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 5)), st.integers(1, 6))


def is_forest(edges: list[tuple[int, int]]) -> bool:
    """Whether no edge joins two nodes that are joined already."""
    group: dict[tuple[str, int], tuple[str, int]] = {}

    def leader(node: tuple[str, int]) -> tuple[str, int]:
        while group.setdefault(node, node) != node:
            node = group[node]
        return node

    for row, place in edges:
        one, other = leader(("row", row)), leader(("bin", place))
        if one == other:
            return False
        group[one] = other
    return True


@given(EDGES)
def test_units_without_cycles_are_as_many_in_each_row_and_bin(units: dict[tuple[int, int], int]) -> None:
    row, place, before = (
        np.array([*one], np.int64) for one in ([e[0] for e in units], [e[1] for e in units], units.values())
    )

    after = without_cycles(row, place, before)

    assert (after >= 0).all()
    assert np.bincount(row, after).tolist() == np.bincount(row, before).tolist()
    assert np.bincount(place, after).tolist() == np.bincount(place, before).tolist()
    assert is_forest([edge for edge, left in zip(units, after.tolist(), strict=True) if left])
    if is_forest(list(units)):
        assert after.tolist() == before.tolist()


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
