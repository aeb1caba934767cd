"""The line of a draw as columns: line.csv, or leaves.csv as long as nobody knows who stands where."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from booking.scheduling.draws.asked import InLine
from booking.scheduling.draws.csv_tables import cells_of, csv_lines
from booking.scheduling.draws.format2.cut_rows import CutRows, cut_table
from booking.scheduling.draws.format2.names import LEAVES, LINE
from booking.scheduling.draws.format2.rows import leaf_record
from booking.scheduling.draws.format2.tables import LEAF_COLUMNS, LINE_COLUMNS, LineRow, leaf_row, line_row
from booking.scheduling.draws.formats import DamagedFileError, content_of
from booking.scheduling.draws.leaf import PSEUDONYM_BYTES, RECEIPT_BYTES


@dataclass(frozen=True, eq=False)
class Line(Sequence[LineRow]):
    """The rows of the line, read. ``persons`` and ``receipts``: one after the other; ``before``: a link, or None.

    ``position``: int32 (n,), and ``served``: bool (n,), are -1 and False before the draw.
    """

    priority: NDArray[np.int32]
    persons: bytes
    receipts: bytes
    before: Sequence[bytes | None]
    position: NDArray[np.int32]
    served: NDArray[np.bool_]

    @override
    def __len__(self) -> int:
        return len(self.before)

    @overload
    def __getitem__(self, row: int) -> LineRow: ...

    @overload
    def __getitem__(self, row: slice) -> list[LineRow]: ...

    @override
    def __getitem__(self, row: int | slice) -> LineRow | list[LineRow]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        return LineRow(
            self.persons[row * PSEUDONYM_BYTES : (row + 1) * PSEUDONYM_BYTES],
            int(self.priority[row]),
            self.receipt(row),
            self.before[row],
            int(self.position[row]),
            bool(self.served[row]),
        )

    def receipt(self, row: int) -> bytes:
        """Return the receipt of a row."""
        return self.receipts[row * RECEIPT_BYTES : (row + 1) * RECEIPT_BYTES]

    def row_of(self, receipt: bytes) -> int | None:
        """Return the row of a receipt; None where it is not there."""
        place = self.receipts.find(receipt)
        while place >= 0 and (place % RECEIPT_BYTES or len(receipt) != RECEIPT_BYTES):
            place = self.receipts.find(receipt, place + 1)
        return None if place < 0 else place // RECEIPT_BYTES

    @cached_property
    def columns(self) -> InLine:
        """What decides where each stands."""
        return InLine(
            self.priority.astype(np.int16),
            np.frombuffer(self.persons, np.uint8).reshape(-1, PSEUDONYM_BYTES),
            np.frombuffer(self.receipts, np.uint8).reshape(-1, RECEIPT_BYTES),
        )

    def records(self) -> list[bytes]:
        """Return the bytes of each row that the Merkle tree over the line covers."""
        persons, priorities, size = self.persons, self.priority.tolist(), PSEUDONYM_BYTES
        return [
            leaf_record(persons[row * size : (row + 1) * size], priority, self.receipt(row), before)
            for row, (priority, before) in enumerate(zip(priorities, self.before, strict=True))
        ]


def read_leaves(files: Mapping[str, bytes]) -> Line:
    """Read leaves.csv; raises DamagedFileError with the line."""
    return _read(files, LEAVES, most=None)


def read_line(files: Mapping[str, bytes], *, most: int) -> Line:
    """Read line.csv, of at most so many requests; raises DamagedFileError with the line."""
    return _read(files, LINE, most=most)


def _read(files: Mapping[str, bytes], name: str, *, most: int | None) -> Line:
    """Read rows that count from 0 and rise by receipt; raises DamagedFileError with the line."""
    whole = name == LINE
    header = ",".join(LINE_COLUMNS if whole else LEAF_COLUMNS).encode() + b"\n"
    cut = cut_table(content_of(files, name), header, most=most, whole=whole)
    return _row_by_row(files, name, most=most) if cut is None else _of(cut)


def _of(cut: CutRows) -> Line:
    before: list[bytes | None] = [None] * cut.priority.size
    links = cut.before.tobytes()
    for row in np.flatnonzero(cut.linked).tolist():
        before[row] = links[row * RECEIPT_BYTES : (row + 1) * RECEIPT_BYTES]
    return Line(
        priority=cut.priority.astype(np.int32),
        persons=cut.person.tobytes(),
        receipts=cut.receipt.tobytes(),
        before=before,
        position=cut.position.astype(np.int32),
        served=cut.served,
    )


def _row_by_row(files: Mapping[str, bytes], name: str, *, most: int | None) -> Line:
    """Read rows one after the other, cell by cell, which says what is wrong."""
    whole = name == LINE
    columns = LINE_COLUMNS if whole else LEAF_COLUMNS
    numbers, persons, receipts = array("i"), bytearray(), bytearray()
    before: list[bytes | None] = []
    last = b""
    for number, text in csv_lines(name, content_of(files, name), columns, most=most):
        row = _strictly(name, number, text, whole=whole)
        if row.receipt <= last:
            raise DamagedFileError(f"{name}, line {number}: the receipts are not rising, or one is there twice")
        last = row.receipt
        numbers.extend((row.priority, row.position, row.served))
        persons += row.person
        receipts += last
        before.append(row.before)
    table = np.frombuffer(numbers, np.int32).reshape(-1, 3)
    return Line(
        priority=table[:, 0].copy(),
        persons=bytes(persons),
        receipts=bytes(receipts),
        before=before,
        position=table[:, 1].copy(),
        served=table[:, 2].astype(np.bool_),
    )


def _strictly(name: str, number: int, text: bytes, *, whole: bool) -> LineRow:
    """Read a row cell by cell; raises DamagedFileError with the line."""
    cells = cells_of(name, number, text, LINE_COLUMNS if whole else LEAF_COLUMNS)
    try:
        return (line_row if whole else leaf_row)(number - 2, cells)
    except ValueError as error:
        raise DamagedFileError(f"{name}, line {number}: {error}") from error
