"""Tables of counts: a row for each group, a column for each part that it splits into, their sums, small ones hidden."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from booking.figures.disclosure import Cell, hidden_cells

ROW: Final = "row"
ALL: Final = "all"
"""The column of a row's sum, and the row of the columns' sums."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table looks like: its columns, and whether its rows are apart, so that they have a sum."""

    parts: tuple[str, ...]
    rows_add_up: bool = True


def table(counts: Mapping[tuple[str, str], int], rows: Sequence[str], shape: Shape) -> pd.DataFrame:
    """Put counts into a table, with sums, and leave empty what could tell of fewer than five people.

    Parameters
    ----------
    counts
        A count for each row and part; 0 where it is missing.
    rows
        The rows in their order.

    Returns
    -------
    pandas.DataFrame
        ``row`` (text), a column for each part and ``all`` (Int64, NA where hidden); where the rows add up, the last
        row is ``all``.
    """
    full = [[counts.get((row, part), 0) for part in shape.parts] for row in rows]
    full = [[*numbers, sum(numbers)] for numbers in full]
    names = list(rows)
    if shape.rows_add_up:
        full.append([sum(column) for column in zip(*full, strict=True)] if full else [0] * (len(shape.parts) + 1))
        names.append(ALL)
    hidden = hidden_places(full, rows_add_up=shape.rows_add_up)
    shown = [
        [pd.NA if (i, j) in hidden else number for j, number in enumerate(numbers)] for i, numbers in enumerate(full)
    ]
    columns = [*shape.parts, ALL]
    frame = pd.DataFrame(shown, columns=columns, dtype="Int64")
    frame.insert(0, ROW, pd.Series(names, dtype="str"))
    return frame


def hidden_places(
    full: Sequence[Sequence[int]], *, rows_add_up: bool = True, fixed: Collection[tuple[int, int]] = ()
) -> set[tuple[int, int]]:
    """Choose the cells (row, column) to hide of a table whose last column, and last row if they add up, are sums.

    ``fixed`` cells are told elsewhere, so they are hidden only where they are small.
    """
    places = [(i, j) for i, numbers in enumerate(full) for j in range(len(numbers))]
    last_row, last_column = len(full) - 1 if rows_add_up else len(full), (len(full[0]) - 1 if full else 0)
    outside = len(full) + last_column + 1
    cells = []
    for i, j in places:
        row, column = i, len(full) + j if rows_add_up else outside
        turned = (i == last_row) != (j == last_column)
        tail, head = (column, row) if turned else (row, column)
        cells.append(Cell(tail, head, full[i][j]))
    chosen = hidden_cells(cells, fixed=[number for number, place in enumerate(places) if place in set(fixed)])
    return {places[number] for number in chosen}
