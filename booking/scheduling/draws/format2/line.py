"""The line of a draw as columns: line.csv, or leaves.csv as long as nobody knows who stands where.

The line as it is written: each request's line and row from pieces, of which each spelling is made once.

It writes what `booking.scheduling.draws.format2.rows.Entrant` says, and what
`booking.scheduling.draws.format2.wish_lines` cuts into values again; a request with days of single offices, or for
several services, is written by way of `Entrant`.
"""

from array import array
from binascii import hexlify
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from booking.people.prerequisites.standing import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.asked import InLine
from booking.scheduling.draws.csv_tables import cells_of, csv_lines
from booking.scheduling.draws.files import pack_lines
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.cut_rows import CutRows, cut_table
from booking.scheduling.draws.format2.kept import request_line
from booking.scheduling.draws.format2.rows import Entrant, Link, leaf_record
from booking.scheduling.draws.format2.tables import (
    LEAF_COLUMNS,
    LEAVES,
    LINE,
    LINE_COLUMNS,
    LineRow,
    leaf_row,
    line_row,
)
from booking.scheduling.draws.formats import DamagedFileError, content_of
from booking.scheduling.draws.leaf import PSEUDONYM_BYTES, RECEIPT_BYTES
from booking.scheduling.requests.receipt import WishRow


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


class Standing(NamedTuple):
    """How a request stands in a draw, beside its wish. As in `booking.scheduling.draws.format2.rows.Entrant.of`."""

    person: bytes
    priority: int
    logged: int
    lasting: int
    link: Link | None = None
    holds: Days | None = None
    together: bytes | None = None


class Written(NamedTuple):
    """A request of the line: its receipt in the draw, its line of requests.jsonl.gz, and what leaves.csv says of it."""

    receipt: bytes
    line: bytes
    person: bytes
    priority: int
    before: bytes | None

    @classmethod
    def of(cls, each: Entrant) -> Self:
        """Write a row that is there already."""
        return cls(each.leaf.receipt, request_line(each), each.leaf.person, each.leaf.priority, each.before)

    def cells(self) -> str:
        """Return its row of leaves.csv but the number."""
        before = self.before.hex() if self.before else ""
        return f"{self.person.hex()},{self.priority},{self.receipt.hex()},{before}"


class _Pieces(dict[Any, bytes]):
    """What some values are in canonical JSON, without the braces; each is made when it is met first."""

    def __init__(self, columns: Callable[[Any], dict[str, Any]]) -> None:
        self._columns = columns

    def __missing__(self, values: Any) -> bytes:
        found = self[values] = canonical(self._columns(values))[1:-1]
        return found


class LineWriter:
    """Writes the requests of a draw, one after the other."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._bands = _Pieces(lambda it: {"accessible": it[0], "bands": list(it[1])})
        self._first = _Pieces(lambda it: {"door": it[0], "first_day": it[1].isoformat()} | _holds(it[2]))
        self._last = _Pieces(lambda it: {"last_day": _day(it)})
        self._needed = _Pieces(lambda it: {"needed_by": _day(it)})
        self._offices = _Pieces(lambda it: {"offices": list(it)})
        self._party = _Pieces(lambda it: {"party": it[0], "service": it[1]})
        self._units = _Pieces(lambda it: {"units": it[0], "weekdays": it[1]})
        self._drawn = _Pieces(lambda it: {"draw": it[0], "list": it[1].value})

    def write(self, wish: WishRow, standing: Standing) -> Written:
        """Write a wish as it was asked, with its base nonce."""
        if wish.windows or wish.also:
            return self._by_way_of_entrant(wish, standing)
        return self.write_plain(wish, wish.offices, wish.bands, standing)

    def write_plain(
        self, wish: Any, offices_named: tuple[str, ...], bands_named: tuple[str, ...], standing: Standing
    ) -> Written:
        """Write a wish without days of single offices or further services, whose bands are in order.

        ``wish``: a `WishRow`, or whatever calls all that is beside its offices and bands by the same names.
        """
        base = hexlify(wish.nonce)
        bands = self._bands[wish.accessible, bands_named]
        first, last = self._first[wish.door, wish.first_day, standing.holds], self._last[wish.last_day]
        needed, offices = self._needed[wish.needed_by], self._offices[offices_named]
        party, units = self._party[wish.party, wish.service], self._units[wish.units, wish.weekdays]
        together = b',"together":"%s"' % hexlify(standing.together) if standing.together else b""
        end = b"%s,%s%s,%s}" % (offices, party, together, units)
        nonce = hexlify(nonces.draw_nonce(wish.nonce, self._reference))
        receipt = sha256(b'{%s,%s,%s,%s,"nonce":"%s",%s' % (bands, first, last, needed, nonce, end)).digest()
        link, before = self._link(wish.nonce, standing.link)
        line = b'{%s,"base":"%s",%s,%s,"lasting":%d,"link":%s,"logged":%d,%s,%s' % (
            *(bands, base, first, last),
            *(standing.lasting, link, standing.logged, needed, end),
        )
        return Written(receipt, line, standing.person, standing.priority, before)

    def _link(self, base: bytes, link: Link | None) -> tuple[bytes, bytes | None]:
        """Return a link as it stands in a line, and its hash."""
        if link is None:
            return b"null", None
        begin = b'{%s,"row":%d' % (self._drawn[link.draw, link.list], link.row)
        salt = hexlify(nonces.link_salt(base, self._reference))
        return begin + b"}", sha256(b'%s,"salt":"%s"}' % (begin, salt)).digest()

    def _by_way_of_entrant(self, wish: WishRow, standing: Standing) -> Written:
        each = Entrant.of(
            wish,
            self._reference,
            person=standing.person,
            priority=standing.priority,
            logged=standing.logged,
            lasting=standing.lasting,
            link=standing.link,
            holds=standing.holds,
            together=standing.together,
        )
        return Written.of(each)


def write_line(leaves: bytes, positions: Iterable[int], served: Iterable[bool]) -> bytes:
    """Write line.csv from leaves.csv; positions and whether served, in leaf order."""
    _, *rows = leaves.decode().splitlines()
    places = zip(rows, positions, served, strict=True)
    lines = [",".join(LINE_COLUMNS), *(f"{row},{position},{one:d}" for row, position, one in places), ""]
    return "\n".join(lines).encode()


def write_lines(rows: Iterable[Written]) -> bytes:
    """Write requests.jsonl.gz of requests by rising receipt."""
    return pack_lines(row.line for row in rows)


def write_leaves(rows: Sequence[Written]) -> bytes:
    """Write leaves.csv of requests by rising receipt: the line before anybody knows who stands where in it."""
    lines = [",".join(LEAF_COLUMNS), *(f"{leaf},{row.cells()}" for leaf, row in enumerate(rows)), ""]
    return "\n".join(lines).encode()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _holds(holds: Days | None) -> dict[str, Any]:
    return {"holds": [holds.first.isoformat(), holds.last.isoformat()]} if holds else {}
