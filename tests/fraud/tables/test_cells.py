import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.tables import TableError
from fraud.tables.cells import cleaned, numbers
from fraud.tables.labels import read_labels


def read(*cells):
    return numbers(cleaned(pd.Series(list(cells), dtype=object))).tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234.50", "7"], [1234.5, 7]),
        (["1.234,50", "3,5"], [1234.5, 3.5]),
        (["٣٫٥", "١٢"], [3.5, 12]),
        (["$5", "12 %", "(3)", "+4"], [5, 0.12, -3, 4]),
        (["inf", "-Infinity", "1e400"], [1e300, -1e300, 1e300]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, expected):
    assert read(*cells) == pytest.approx(expected)


@pytest.mark.parametrize("cell", ["10.0.0.1", "abc", "12-34", "", "NULL", "n/a", "?", "1,2,3", "2024-01-01"])
def test_text_that_is_not_a_number_becomes_missing(cell):
    assert np.isnan(read(cell)[0])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), min_size=1))
def test_every_written_number_is_read(values):
    assert read(*map(repr, values)) == values


@given(st.lists(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans(), st.dates()), min_size=1))
def test_no_cell_is_too_odd_to_be_read(cells):
    column = cleaned(pd.Series(cells, dtype=object))
    assert len(numbers(column)) == len(cells)
    assert all(word is None or word == word.strip() for word in column)


@pytest.mark.parametrize(
    ("values", "true"),
    [
        (["Yes", "No "], "Yes"),
        (["0", "1.0"], "1.0"),
        (["TRUE", "false"], "TRUE"),
        (["ok", "fraud"], "fraud"),
        (["genuine", "suspect"], "suspect"),
        (["fraud", "non-fraud"], "fraud"),
        (["came", "not came"], "came"),
        (["1", "2"], "2"),
        (["-1", "1"], "1"),
        (["نعم", "لا"], "نعم"),
        (["left", "left", "right"], "right"),
    ],
)
def test_the_true_side_of_two_values_is_found(values, true):
    column = cleaned(pd.Series(values * 3, name="label", dtype=object))
    assert read_labels(column)[0].tolist() == [float(value == true) for value in values * 3]


@pytest.mark.parametrize(
    ("values", "positive", "said"),
    [
        (["x"], [], "has only the value"),
        (["", "NA"], [], "is empty in every row"),
        (["a", "b", "c"], [], "3 values .* --positive"),
        (["a", "b"], ["c"], "never is “c”"),
        (["a", "b"], ["a", "b"], "every value"),
    ],
)
def test_labels_that_cannot_be_told_apart_are_refused(values, positive, said):
    with pytest.raises(TableError, match=said):
        read_labels(cleaned(pd.Series(values, name="label", dtype=object)), positive)
