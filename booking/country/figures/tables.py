"""Tables of counts: a row for each group, a column for each part that it splits into, their sums, small ones hidden."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from booking.country.figures.disclosure import Cell, hidden_cells

ROW: Final = "row"
ALL: Final = "all"
"""The column of a row's sum, and the row of the columns' sums."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table looks like: its columns, and whether its rows are apart, so that they have a sum."""

    parts: tuple[str, ...]
    rows_add_up: bool = True


def table(
    counts: Mapping[tuple[str, str], int], rows: Sequence[str], shape: Shape, *, exact: bool = False
) -> pd.DataFrame:
    """Put counts into a table, with sums, and leave empty what could give fewer than five people away.

    Parameters
    ----------
    counts
        A count for each row and part; 0 where it is missing.
    rows
        The rows in their order.
    exact
        Leave nothing empty: for staff's own pages, never for what leaves them.

    Returns
    -------
    pandas.DataFrame
        ``row`` (text), a column for each part and ``all`` (Int64, NA where hidden); where the rows add up, the last
        row is ``all``.
    """
    full = with_sums(counts, rows, shape)
    hidden = set() if exact else hidden_places(full, rows_add_up=shape.rows_add_up)
    return shown_table(full, rows, shape, hidden)


def with_sums(counts: Mapping[tuple[str, str], int], rows: Sequence[str], shape: Shape) -> list[list[int]]:
    """Return the counts of each row with their sum and, where the rows add up, a last row of sums."""
    full = [[counts.get((row, part), 0) for part in shape.parts] for row in rows]
    full = [[*numbers, sum(numbers)] for numbers in full]
    if shape.rows_add_up:
        full.append([sum(column) for column in zip(*full, strict=True)] if full else [0] * (len(shape.parts) + 1))
    return full


def shown_table(
    full: Sequence[Sequence[int]], rows: Sequence[str], shape: Shape, hidden: Collection[tuple[int, int]]
) -> pd.DataFrame:
    """Put counts with their sums into a frame, empty where they are hidden; see `table`."""
    names = [*rows, ALL] if shape.rows_add_up else list(rows)
    shown = [
        [pd.NA if (i, j) in hidden else number for j, number in enumerate(numbers)] for i, numbers in enumerate(full)
    ]
    columns = [*shape.parts, ALL]
    frame = pd.DataFrame(shown, columns=columns, dtype="Int64")
    frame.insert(0, ROW, pd.Series(names, dtype="str"))
    return frame


def hidden_places(full: Sequence[Sequence[int]], *, rows_add_up: bool = True) -> set[tuple[int, int]]:
    """Choose the cells (row, column) to hide of a table whose last column, and last row if they add up, are sums."""
    last_row, last_column = len(full) - 1 if rows_add_up else len(full), (len(full[0]) - 1 if full else 0)
    outside = len(full) + last_column + 1
    places, cells = [], []
    for i, numbers in enumerate(full):
        for j, number in enumerate(numbers):
            ends = (i, len(full) + j if rows_add_up else outside)
            if (i == last_row) != (j == last_column):
                ends = ends[1], ends[0]
            places.append((i, j))
            cells.append(Cell(*ends, number))
    return {places[number] for number in hidden_cells(cells)}


def hidden_in_both(
    one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Choose the cells to hide of two tables that count the same in two ways, so that their sums (last rows) are equal.

    Both tables are one network: rows of the one, its columns, the columns of the other, rows of the other.
    """
    assert list(one[-1]) == list(other[-1])  # noqa: S101 - they count the same
    width, height = len(one[-1]), len(one) - 1
    columns, others = height, height + width
    places: list[list[tuple[int, int, int]]] = []
    cells = []
    for table_number, full in enumerate((one, other)):
        rows_from, columns_from = (0, columns) if table_number == 0 else (others + width, others)
        for i, numbers in enumerate(full[:-1]):
            for j, number in enumerate(numbers):
                ends = (rows_from + i, columns_from + j)
                if (table_number == 1) != (j == width - 1):
                    ends = ends[1], ends[0]
                places.append([(table_number, i, j)])
                cells.append(Cell(*ends, number))
    for j, number in enumerate(one[-1]):
        ends = (columns + j, others + j)
        if j == width - 1:
            ends = ends[1], ends[0]
        places.append([(0, height, j), (1, len(other) - 1, j)])
        cells.append(Cell(*ends, number))
    hidden: tuple[set[tuple[int, int]], set[tuple[int, int]]] = (set(), set())
    for number in hidden_cells(cells):
        for table_number, i, j in places[number]:
            hidden[table_number].add((i, j))
    return hidden
