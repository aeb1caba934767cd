"""Nobody can be told from a table: what is hidden cannot be worked out from what is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from booking.country.figures.disclosure import LEAST
from booking.country.figures.tables import ALL, Shape, hidden_in_both, hidden_places, table
from tests.support.effort import examples

COUNTS = st.sampled_from([0, 1, 1, 1, 2, 3, 5, 6, 9, 20, 40])
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def equations(full, rows_add_up):
    """Every sum that a reader knows: coefficients over all cells, in the order of their rows."""
    shape = (len(full), len(full[0]))
    made = []
    for i in range(shape[0]):
        one = np.zeros(shape)
        one[i, :-1], one[i, -1] = 1, -1
        made.append(one.ravel())
    for j in range(shape[1]) if rows_add_up else ():
        one = np.zeros(shape)
        one[:-1, j], one[-1, j] = 1, -1
        made.append(one.ravel())
    return np.array(made)


def what_they_could_be(full, hidden, rows_add_up):
    """The least and the most that each hidden cell can be, for someone who knows that it is 1 or more."""
    flat = np.array(full, dtype=float).ravel()
    unknown = [i * len(full[0]) + j for i, j in sorted(hidden)]
    return ranges(flat, unknown, equations(full, rows_add_up))


def what_both_could_be(tables, hidden):
    """The same for someone who reads two tables and knows that their sums are equal."""
    sizes = [np.array(full).size for full in tables]
    flat = np.concatenate([np.array(full, dtype=float).ravel() for full in tables])
    width, ends = len(tables[0][0]), [sizes[0], sizes[0] + sizes[1]]
    sums = [
        np.hstack([equations(tables[0], rows_add_up=True), np.zeros((len(tables[0]) + width, sizes[1]))]),
        np.hstack([np.zeros((len(tables[1]) + width, sizes[0])), equations(tables[1], rows_add_up=True)]),
        np.eye(sum(sizes))[ends[0] - width : ends[0]] - np.eye(sum(sizes))[ends[1] - width : ends[1]],
    ]
    unknown = [offset + i * width + j for offset, places in zip((0, sizes[0]), hidden, strict=True) for i, j in places]
    return ranges(flat, unknown, np.vstack(sums))


def ranges(flat, unknown, sums):
    known = np.setdiff1d(np.arange(flat.size), unknown)
    right = -sums[:, known] @ flat[known]
    for column in range(len(unknown)):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(unknown))
            goal[column] = sign
            found = linprog(goal, A_eq=sums[:, unknown], b_eq=right, bounds=(1, None))
            ends.append(np.inf if found.status == 3 else sign * found.fun)
        yield ends


def with_sums(body, rows_add_up):
    full = [[*row, sum(row)] for row in body]
    return [*full, [sum(column) for column in zip(*full, strict=True)]] if rows_add_up else full


@pytest.mark.slow
@settings(max_examples=examples(30, nightly=80))
@given(body=TABLES, rows_add_up=st.booleans())
def test_no_hidden_cell_can_be_worked_out_from_the_table_and_its_sums(body, rows_add_up):
    full = with_sums(body, rows_add_up)
    hidden = hidden_places(full, rows_add_up=rows_add_up)
    values = {(i, j): number for i, row in enumerate(full) for j, number in enumerate(row)}
    assert {place for place, number in values.items() if 0 < number < LEAST} <= hidden
    assert all(values[place] > 0 for place in hidden)
    if hidden != {place for place, number in values.items() if number > 0}:
        for least, most in what_they_could_be(full, hidden, rows_add_up):
            assert most > least + 0.5


@pytest.mark.slow
@settings(max_examples=examples(25, nightly=60))
@given(body=TABLES, data=st.data())
def test_no_hidden_cell_can_be_worked_out_from_two_tables_of_the_same_people(body, data):
    """The other table deals each column's people to rows of its own."""
    other = np.zeros((data.draw(st.integers(1, 4)), len(body[0])), dtype=int)
    for j in range(len(body[0])):
        left = sum(row[j] for row in body)
        for i in range(len(other) - 1):
            other[i, j] = data.draw(st.integers(0, left))
            left -= other[i, j]
        other[-1, j] = left
    tables = [with_sums(one, rows_add_up=True) for one in (body, other.tolist())]
    hidden = hidden_in_both(*tables)
    above = [{(i, j) for i, row in enumerate(full) for j, number in enumerate(row) if number} for full in tables]
    told = [{j for i, j in places if i == len(full) - 1} for full, places in zip(tables, hidden, strict=True)]
    assert told[0] == told[1], "a sum that the one tells, the other tells too"
    for full, places in zip(tables, hidden, strict=True):
        assert {(i, j) for i, row in enumerate(full) for j, number in enumerate(row) if 0 < number < LEAST} <= places
    if list(hidden) != above:
        for least, most in what_both_could_be(tables, hidden):
            assert most > least + 0.5


def test_a_small_cell_hides_the_cheapest_other_cells_with_it():
    counts = {("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 9, ("b", "y"): 30, ("c", "x"): 12}
    frame = table(counts, ["a", "b", "c"], Shape(("x", "y")))
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == [
        ["a", None, None, 23],
        ["b", None, None, 39],
        ["c", 12, 0, 12],
        [ALL, 24, 50, 74],
    ]


def test_two_single_people_do_not_hide_each_other():
    """Whoever knows that both are at least 1 and together 2 knows both."""
    frame = table({("a", "x"): 1, ("b", "x"): 1, ("c", "x"): 30, ("d", "x"): 40}, list("abcd"), Shape(("x",)))
    assert frame["x"].isna().tolist() == [True, True, True, False, False]


def test_a_table_of_fewer_than_five_people_shows_only_zeros():
    frame = table({("a", "x"): 2, ("b", "y"): 1}, ["a", "b"], Shape(("x", "y")))
    assert frame.drop(columns="row").isna().sum().sum() == 7
    assert frame["y"].iloc[0] == 0
