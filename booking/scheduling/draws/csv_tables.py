"""Tables as files of a draw: a header, lines of cells between commas, nothing quoted."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from booking.scheduling.draws.formats import DamagedFileError, lines_in

_NOT_IN_A_TABLE: Final = re.compile(r'["\x00-\x09\x0b-\x1f\x7f]')


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table with its header; lines end in a line feed on every system."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def read_csv(name: str, content: bytes, columns: Sequence[str], *, most: int | None = None) -> list[list[str]]:
    """Read a table whose header must be ``columns``, and in which nothing is quoted.

    Raises
    ------
    DamagedFileError
        It is another table, is written in another way, or has more than ``most`` rows; raised at the first such line.
    """
    return [cells_of(name, number, line, columns) for number, line in csv_lines(name, content, columns, most=most)]


def csv_lines(
    name: str, content: bytes, columns: Sequence[str], *, most: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a table below its header, which must be ``columns``, with their numbers from 2 on.

    Raises
    ------
    DamagedFileError
        It is another table, or has more than ``most`` rows.
    """
    lines = lines_in([content], name)
    if next(lines, None) != ",".join(columns).encode():
        raise DamagedFileError(f"{name}, line 1: expected the columns {', '.join(columns)}")
    for number, line in enumerate(lines, 2):
        if number - 2 == most:
            raise DamagedFileError(f"{name}, line {number}: there are more than {most} rows")
        yield number, line


def cells_of(name: str, number: int, line: bytes, columns: Sequence[str]) -> list[str]:
    """Read the cells of a line of a table, in which nothing is quoted; raises DamagedFileError."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{name}, line {number}: {error}") from error
    row = text.split(",", len(columns))
    if len(row) != len(columns):
        raise DamagedFileError(f"{name}, line {number}: expected {len(columns)} columns")
    if _NOT_IN_A_TABLE.search(text):
        raise DamagedFileError(f"{name}, line {number}: there is a quotation mark or a control character")
    return row
