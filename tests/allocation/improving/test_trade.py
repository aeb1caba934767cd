from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from allocation import Problem
from allocation.components import components
from allocation.improving.draft import draft, place_singles
from allocation.improving.trade import trade
from allocation.line import Line
from allocation.placing.placement import placement_cost
from tests.allocation import small


def lines(problem: Problem) -> list[Line]:
    return [part.line for part in components(problem)]


def cost_table(line: Line) -> NDArray[np.int64]:
    """Cost of each row in each bin, for all its units; -1 where it does not accept the bin."""
    table = np.full((line.requests, line.bins), -1, np.int64)
    table[line.row, line.bin] = line.units[line.row] * placement_cost(line)
    return table


def total(line: Line, bin_of_row: NDArray[np.int32]) -> int:
    served = np.flatnonzero(bin_of_row >= 0)
    return int(cost_table(line)[served, bin_of_row[served]].sum())


def after(problem: Problem, before: list[int]) -> list[int]:
    (line,) = lines(problem)
    return trade(line, np.array(before, np.int32)).tolist()


def test_two_families_change_places_where_both_like_the_others_better() -> None:
    problem = small.problem([[(0, 1), (1, 0)], [(0, 0), (1, 1)]], [3, 3], party=[3, 3])

    assert after(problem, [0, 1]) == [1, 0]


def test_a_family_changes_with_as_many_singles() -> None:
    wishes = [[(0, 1), (1, 0)], [(0, 0), (1, 0)], [(0, 0), (1, 0)]]
    problem = small.problem(wishes, [2, 2], party=[2, 1, 1])

    assert after(problem, [0, 1, 1]) == [1, 0, 0]


def test_nobody_moves_where_the_others_would_lose_more() -> None:
    wishes = [[(0, 1), (1, 0)], [(0, 1), (1, 0)], [(0, 1), (1, 0)]]
    problem = small.problem(wishes, [2, 2], party=[2, 1, 1])

    assert after(problem, [0, 1, 1]) == [0, 1, 1]


def test_one_moves_to_free_room_and_nobody_to_a_bin_that_they_do_not_accept() -> None:
    problem = small.problem([[(0, 1), (1, 0)], [(1, 0)], [(0, 0), (1, 0)]], [3, 4], party=[3, 1, 1])

    assert after(problem, [0, 1, -1]) == [1, 1, -1]


@given(small.problems(requests=7, bins=3, largest=3, places=6))
def test_a_trade_keeps_everybody_served_and_leaves_no_better_trade_between_two_bins(problem: Problem) -> None:
    for line in lines(problem):
        before = place_singles(line, draft(line).bin_of_row)

        traded = trade(line, before)

        assert ((traded >= 0) == (before >= 0)).all()
        assert (line.room(traded) >= 0).all()
        assert total(line, traded) <= total(line, before)
        assert total(line, traded) == min(total(line, each) for each in two_bin_changes(line, traded))


def two_bin_changes(line: Line, bin_of_row: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Every feasible placement that differs by moves between two bins only, and the placement itself."""
    table, found = cost_table(line), []
    for a, b in product(range(line.bins), repeat=2):
        rows = np.flatnonzero((bin_of_row == a) | (bin_of_row == b))
        for choice in product((a, b), repeat=rows.size):
            changed = bin_of_row.copy()
            changed[rows] = choice
            if (table[rows, changed[rows]] >= 0).all() and (line.room(changed) >= 0).all():
                found.append(changed)
    return found


def test_sums_that_could_overflow_are_left_alone() -> None:
    (line,) = lines(small.problem([[(0, 1), (1, 0)]], [1, 1]))
    huge = replace(line, steps=(1, 1 << 61))
    before = np.array([0], np.int32)

    assert trade(huge, before) is before
