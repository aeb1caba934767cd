"""line.csv and turns.csv: what everyone sees of the line and of the turns kept outside of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from booking.draws.format2.names import LEAVES, LINE, TURNS
from booking.draws.format2.rows import Entrant, Turn, TurnReason, leaf_record, turn_record
from booking.draws.formats import DamagedFileError, content_of, hexadecimal, integer, read_csv, shown, write_csv
from booking.draws.leaf import MOST_PRIORITY, PSEUDONYM_BYTES, RECEIPT_BYTES

LEAF_COLUMNS: Final = ("leaf", "person", "priority", "receipt", "before")
LINE_COLUMNS: Final = (*LEAF_COLUMNS, "position", "served")
TURN_COLUMNS: Final = ("row", "receipt", "priority", "reason", "before")
_FLAGS: Final = ("0", "1")
_MOST_ROWS: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row of line.csv; ``position`` and ``served`` are -1 and False before the draw."""

    person: bytes
    priority: int
    receipt: bytes
    before: bytes | None
    position: int = -1
    served: bool = False

    def record(self) -> bytes:
        """Return the bytes that the Merkle tree over the line covers."""
        return leaf_record(self.person, self.priority, self.receipt, self.before)


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A row of turns.csv."""

    receipt: bytes
    priority: int
    reason: TurnReason
    before: bytes | None

    def record(self) -> bytes:
        """Return the bytes that the Merkle tree over the turns covers."""
        return turn_record(self.receipt, self.priority, self.reason, self.before)


_Row = TypeVar("_Row", LineRow, TurnRow)


def write_leaves(entrants: Iterable[Entrant]) -> bytes:
    """Write leaves.csv: the line before anybody knows who stands where in it."""
    return write_csv(LEAF_COLUMNS, (_leaf_cells(number, each) for number, each in enumerate(entrants)))


def write_line(entrants: Iterable[Entrant], positions: Iterable[int], served: Iterable[bool]) -> bytes:
    """Write line.csv; positions and whether served, in leaf order."""
    rows = enumerate(zip(entrants, positions, served, strict=True))
    return write_csv(
        LINE_COLUMNS,
        ((*_leaf_cells(number, each), position, int(one)) for number, (each, position, one) in rows),
    )


def write_turns(turns: Iterable[Turn]) -> bytes:
    """Write turns.csv."""
    return write_csv(
        TURN_COLUMNS,
        (
            (number, each.receipt.hex(), each.priority, each.reason.value, _link_cell(each.before))
            for number, each in enumerate(turns)
        ),
    )


def read_leaves(files: Mapping[str, bytes]) -> list[LineRow]:
    """Read leaves.csv; raises DamagedFileError with the line."""
    return _read(files, LEAVES, LEAF_COLUMNS, lambda row: LineRow(*_leaf(row)))


def read_line(files: Mapping[str, bytes], *, most: int) -> list[LineRow]:
    """Read line.csv, of at most so many requests; raises DamagedFileError with the line."""
    return _read(files, LINE, LINE_COLUMNS, _line_row, most=most)


def read_turns(files: Mapping[str, bytes], *, most: int) -> list[TurnRow]:
    """Read turns.csv, of at most so many rows; raises DamagedFileError with the line."""
    return _read(files, TURNS, TURN_COLUMNS, _turn_row, most=most)


def _read(
    files: Mapping[str, bytes],
    name: str,
    columns: Sequence[str],
    read: Callable[[Sequence[str]], _Row],
    *,
    most: int | None = None,
) -> list[_Row]:
    """Read the rows of a table that count from 0 and rise by receipt; raises DamagedFileError with the line."""
    rows: list[_Row] = []
    for number, cells in enumerate(read_csv(name, content_of(files, name), columns, most=most)):
        try:
            if integer(cells[0]) != number:
                raise ValueError("the rows are not in order")  # noqa: TRY301 - one way out
            row = read(cells)
        except ValueError as error:
            raise DamagedFileError(f"{name}, line {number + 2}: {error}") from error
        if rows and row.receipt <= rows[-1].receipt:
            raise DamagedFileError(f"{name}, line {number + 2}: the receipts are not rising, or one is there twice")
        rows.append(row)
    return rows


def _leaf(cells: Sequence[str]) -> tuple[bytes, int, bytes, bytes | None]:
    return (
        hexadecimal(cells[1], PSEUDONYM_BYTES),
        integer(cells[2], most=MOST_PRIORITY),
        hexadecimal(cells[3], RECEIPT_BYTES),
        _link(cells[4]),
    )


def _line_row(cells: Sequence[str]) -> LineRow:
    if cells[6] not in _FLAGS:
        raise ValueError(f"served is {shown(cells[6])}, expected 0 or 1")
    return LineRow(*_leaf(cells), integer(cells[5], most=_MOST_ROWS), cells[6] == "1")


def _turn_row(cells: Sequence[str]) -> TurnRow:
    if cells[3] not in tuple(TurnReason):
        raise ValueError(f"{shown(cells[3])} is no reason for a turn")
    receipt = hexadecimal(cells[1], RECEIPT_BYTES)
    return TurnRow(receipt, integer(cells[2], most=MOST_PRIORITY), TurnReason(cells[3]), _link(cells[4]))


def _leaf_cells(number: int, each: Entrant) -> tuple[object, ...]:
    return number, each.leaf.person.hex(), each.leaf.priority, each.leaf.receipt.hex(), _link_cell(each.before)


def _link_cell(before: bytes | None) -> str:
    return before.hex() if before else ""


def _link(cell: str) -> bytes | None:
    return hexadecimal(cell, RECEIPT_BYTES) if cell else None
