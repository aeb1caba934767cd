"""Nobody can be told from a table: what is hidden cannot be worked out from what is shown."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from booking.figures.disclosure import LEAST
from booking.figures.tables import ALL, Shape, hidden_places, table

COUNTS = st.integers(0, 6) | st.integers(0, 60)
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
    sums = equations(full, rows_add_up)
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


@settings(max_examples=50)
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


@given(body=TABLES)
def test_what_is_told_elsewhere_is_hidden_only_where_it_is_small(body):
    full = with_sums(body, rows_add_up=True)
    sums = {(len(full) - 1, j) for j in range(len(full[0]))}
    hidden = hidden_places(full, fixed=sums)
    everything = {(i, j) for i, row in enumerate(full) for j, number in enumerate(row) if number}
    assert hidden == everything or all(full[i][j] < LEAST for i, j in hidden & sums)


def test_a_small_cell_takes_its_cheapest_companions_with_it():
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


def test_a_table_of_fewer_than_five_people_tells_nothing_but_zeros():
    frame = table({("a", "x"): 2, ("b", "y"): 1}, ["a", "b"], Shape(("x", "y")))
    assert frame.drop(columns="row").isna().sum().sum() == 7
    assert frame["y"].iloc[0] == 0
