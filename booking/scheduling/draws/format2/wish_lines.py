"""requests.jsonl.gz as columns: each line cut into its values by one pattern, each spelling of a value checked once."""

import re
from array import array
from binascii import unhexlify
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.asked import APART, COLUMNS, NO_DAY, Asked, AskedRows
from booking.scheduling.draws.files import REQUESTS, packed_text
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.kept import UNKNOWN, read_link, read_request
from booking.scheduling.draws.format2.line import Line
from booking.scheduling.draws.format2.rows import Entrant, Link, draw_receipt
from booking.scheduling.draws.formats import DamagedFileError, content_of, day, hexadecimal, parsed
from booking.scheduling.draws.leaf import CHECKED, MOST_LINE, PSEUDONYM_BYTES, check_days, read_lasting
from booking.scheduling.requests.receipt import NONCE_BYTES, Window

_TEXT: Final = rb'"[^"\\\n]*"'
_DAY: Final = rb'(?:"[^"\\\n]*"|null)'
_LIST: Final = rb"\[[^\]\\\n]*\]"
_NUMBER: Final = rb"[0-9]{1,5}"
_LINES: Final = re.compile(
    rb'(?:\{("accessible":(?:true|false),"bands":' + _LIST + rb'),"base":"([0-9a-f]{32})",'
    rb'("door":' + _TEXT + rb',"first_day":' + _TEXT + rb',(?:"holds":' + _LIST + rb',)?"last_day":' + _DAY + rb"),"
    rb'(?:"lasting":(' + _NUMBER + rb'),)?"link":(?:null|(\{"draw":"[^"\\\n]*","list":"[a-z]*","row":)'
    rb'(0|[1-9][0-9]{0,8})\}),"logged":(0|[1-9][0-9]{0,17}),("needed_by":' + _DAY + rb'),(("offices":' + _LIST + rb"),"
    rb'("party":' + _NUMBER + rb',"service":' + _TEXT + rb'),(?:"together":(' + _TEXT + rb"),)?"
    rb'("units":' + _NUMBER + rb',"weekdays":' + _NUMBER + rb"))\}|([^\n]*))\n"
)
"""A line without days of single offices or further services, cut into pieces of which most are in many lines; the last
group is a line that follows another pattern, which is read strictly, key by key."""
_MOST_PIECE: Final = MOST_LINE // 10
"""Bytes of a piece, of which a line has eight; one with a longer piece is read strictly too."""
OTHER_RECEIPT: Final = "the wish has another receipt than line.csv shows"
OTHER_LINK: Final = "the link is not the one that the row shows"


@dataclass(frozen=True, eq=False)
class Wishes:
    """What observers see of each request of the line.

    ``reference``: of the draw. ``bases``: 16 bytes each, one after the other. ``logged``: int64 (n,). ``lasting``:
    int32 (n,), `UNKNOWN` before format 3. ``links``: by row. ``wrong``: the first row whose wish has another receipt
    than the line shows, or whose link another hash, and which of the two; None where all are right, or where they were
    not compared. ``several``: the first row that names more than one service; None where none does.
    """

    reference: str
    asked: Asked
    bases: bytes
    logged: NDArray[np.int64]
    lasting: NDArray[np.int32]
    links: Mapping[int, Link]
    wrong: tuple[int, str] | None
    several: int | None

    @cached_property
    def salts(self) -> bytes:
        """What hides the places: 16 bytes each, one after the other."""
        return b"".join(map(self.salt, range(self.asked.requests)))

    def base(self, row: int) -> bytes:
        """Return the base nonce of a row."""
        return self.bases[row * NONCE_BYTES : (row + 1) * NONCE_BYTES]

    def salt(self, row: int) -> bytes:
        """Return what hides the place of a row."""
        return nonces.place_salt(self.base(row), self.reference)


def read_wishes(files: Mapping[str, bytes], line: Line, reference: str, *, compare: bool = True) -> Wishes:
    """Read requests.jsonl.gz beside the rows of the line in the draw ``reference``; raises DamagedFileError.

    It refuses what `booking.scheduling.draws.format2.kept.read_requests` refuses. ``compare``: hash each wish and link,
    to compare them with the rows, which is a third of the work; who wrote both needs none of it.
    """
    reader = _Reader(line, reference, compare=compare)
    for text in packed_text(content_of(files, REQUESTS), REQUESTS):
        reader.take(text)
    if reader.taken != len(line):
        raise DamagedFileError(f"{REQUESTS} holds {reader.taken} lines for {len(line)} rows")
    return reader.wishes()


class _Values(dict[bytes, Any]):
    """What each spelling of a value stands for, and the lack of one; it is checked when it is met first."""

    def __init__(self, check: Callable[[Any], Any], lacking: Any) -> None:
        super().__init__({b"": lacking})
        self._check = check

    def __missing__(self, text: bytes) -> Any:
        found = self[text] = self._check(_exact(b'{"value":' + text + b"}")["value"])
        return found


class _Links(dict[bytes, Link]):
    """What each beginning of a link, up to its row, points to: the first row of that list."""

    def __missing__(self, begin: bytes) -> Link:
        found = read_link(_exact(begin + b"0}"))
        if found is None:
            raise ValueError("a link leads nowhere")
        self[begin] = found
        return found


class _Pieces(dict[bytes, int]):
    """The number of each spelling of some neighbouring keys, and by number the values that it gives to some columns."""

    def __init__(self, columns: Sequence[str], check: Callable[[dict[str, Any]], tuple[int, ...]]) -> None:
        super().__init__({b"": 0})
        self.columns = [COLUMNS.index(name) for name in columns]
        self._check, self._rows = check, [(0,) * len(columns)]

    def __missing__(self, text: bytes) -> int:
        values = self._check(_exact(b"{" + text + b"}"))
        number = self[text] = len(self._rows)
        self._rows.append(values)
        return number

    def of(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the values of rows with these numbers; 0 is of rows that were read in another way."""
        return np.array(self._rows, np.int32)[numbers]


class _Reader:
    def __init__(self, line: Line, reference: str, *, compare: bool) -> None:
        self._line, self._reference, self._compare = line, reference, compare
        self._rows, self.taken = AskedRows(), 0
        self._other, self._windows = dict[int, tuple[int, ...]](), dict[int, Sequence[Window]]()
        self._bases = bytearray()
        self._logged, self._lasting = array("q"), array("i")
        self._links: dict[int, Link] = {}
        self._wrong: tuple[int, str] | None = None
        self._several: int | None = None
        rows = self._rows
        self._pieces = (
            _Pieces(("accessible", "bands"), lambda it: (it["accessible"], rows.bands[_in_order(it["bands"])])),
            _Pieces(("door", "first_day", "last_day"), self._when),
            _Pieces(("needed_by",), lambda it: (_ordinal(it["needed_by"]),)),
            _Pieces(("offices",), lambda it: (rows.offices[tuple(CHECKED["offices"](it["offices"]))],)),
            _Pieces(("party", "service"), lambda it: (_checked(it, "party"), rows.services[_checked(it, "service")])),
            _Pieces(("units", "weekdays"), lambda it: (_checked(it, "units"), _checked(it, "weekdays"))),
        )
        self._numbers = [array("i") for _ in (*self._pieces, "together")]
        self._homes = _Values(lambda value: rows.households[hexadecimal(value, PSEUDONYM_BYTES)], APART)
        self._lasts, self._pointed = _Values(read_lasting, UNKNOWN), _Links()

    def take(self, text: bytes) -> None:
        """Take whole lines; raises DamagedFileError where one is spelled in another way, or belongs to no row."""
        cut, room = _LINES.findall(text), len(self._line) - self.taken
        try:
            self._take(cut[:room])
        except ValueError:  # a value that it cannot be, or too long: which one is told when each line is read strictly
            lines = text.split(b"\n", min(room, len(cut)))[:-1]
            self._take([(*[b""] * (_LINES.groups - 1), line) for line in lines])
        if len(cut) > room:
            number = len(self._line)
            raise DamagedFileError(f"{REQUESTS}, line {number + 1}: there are more than {number} rows")

    def _take(self, cut: Sequence[tuple[bytes, ...]]) -> None:
        """Take lines that were cut; none where a value is not one that it can be, which raises ValueError."""
        if not cut:
            return
        first = self.taken
        others = {row: self._strictly(row, one[-1]) for row, one in enumerate(cut, first) if not one[0]}
        columns = [list(column) for column in zip(*cut, strict=True)]
        begins, bases, middles, lasting, lists, linked, logged, needed, _, offices, parties, homes, units, _ = columns
        for row, each in others.items():
            bases[row - first], logged[row - first] = each.base.hex().encode(), b"%d" % each.logged
            lasting[row - first] = b"" if each.lasting is None else b"%d" % each.lasting
        in_pieces = [
            array("i", map(known.__getitem__, column))
            for known, column in zip(self._pieces, (begins, middles, needed, offices, parties, units), strict=True)
        ]
        together, lasts = array("i", map(self._homes.__getitem__, homes)), list(map(self._lasts.__getitem__, lasting))
        links = {
            row: Link(self._pointed[begin].draw, self._pointed[begin].list, int(number))
            for row, (begin, number) in enumerate(zip(lists, linked, strict=True), first)
            if begin
        }
        links |= {row: each.link for row, each in others.items() if each.link is not None}
        secrets = unhexlify(b"".join(bases))
        for kept, column in zip(self._numbers, (*in_pieces, together), strict=True):
            kept.extend(column)
        self._bases += secrets
        self._logged.extend(map(int, logged))
        self._lasting.extend(lasts)
        self._links |= links
        self.taken += len(cut)
        for row, each in others.items():
            self._take_beside(row, each)
        if self._compare and self._wrong is None:
            self._compare_rows(cut, first, others)

    def _strictly(self, row: int, text: bytes) -> Entrant:
        try:
            return read_request(text, self._line[row], self._reference)
        except ValueError as error:
            raise DamagedFileError(f"{REQUESTS}, line {row + 1}: {error}") from error

    def wishes(self) -> Wishes:
        """Return all that were taken."""
        table = np.empty((self.taken, len(COLUMNS)), np.int32)
        *in_pieces, together = (np.frombuffer(numbers, np.int32) for numbers in self._numbers)
        for piece, numbers in zip(self._pieces, in_pieces, strict=True):
            table[:, piece.columns] = piece.of(numbers)
        table[:, COLUMNS.index("together")] = together
        for row, values in self._other.items():
            table[row] = values
        return Wishes(
            reference=self._reference,
            asked=self._rows.tabled(table, self._line.columns, self._windows),
            bases=bytes(self._bases),
            logged=np.frombuffer(self._logged, np.int64),
            lasting=np.frombuffer(self._lasting, np.int32),
            links=self._links,
            wrong=self._wrong,
            several=self._several,
        )

    def _when(self, piece: dict[str, Any]) -> tuple[int, int, int]:
        """Return the number of the door, and the first and the last day on which the request can be served."""
        first, last = _ordinal(piece["first_day"]), _ordinal(piece["last_day"])
        if first == NO_DAY or (last != NO_DAY and last < first):
            raise ValueError("last_day is before first_day, or there is no first day")
        if "holds" in piece:
            holds = check_days(piece["holds"], "holds")
            first, end = max(first, holds.first.toordinal()), holds.last.toordinal()
            last = end if last == NO_DAY else min(last, end)
        return self._rows.doors[CHECKED["door"](piece["door"])], first, last

    def _take_beside(self, row: int, each: Entrant) -> None:
        """Take what a line that was read strictly wishes."""
        self._other[row] = self._rows.values(each.leaf)
        if each.leaf.wish.windows:
            self._windows[row] = each.leaf.wish.windows
        if each.leaf.wish.also and self._several is None:
            self._several = row

    def _compare_rows(self, cut: Sequence[tuple[bytes, ...]], first: int, others: Mapping[int, Entrant]) -> None:
        """Note the first of these rows whose wish or link is not the one that the line shows."""
        for row, one in enumerate(cut, first):
            base = bytes(self._bases[row * NONCE_BYTES : (row + 1) * NONCE_BYTES])
            if row in others:
                receipt = draw_receipt(others[row].leaf)
            else:
                begin, middle, needed, end = one[0], one[2], one[7], one[8]
                nonce = nonces.draw_nonce(base, self._reference).hex().encode()
                receipt = sha256(b'{%s,%s,%s,"nonce":"%s",%s}' % (begin, middle, needed, nonce, end)).digest()
            link = self._links.get(row)
            if receipt != self._line.receipt(row):
                self._wrong = row, OTHER_RECEIPT
            elif (link.hash(base, self._reference) if link else None) != self._line.before[row]:
                self._wrong = row, OTHER_LINK
            else:
                continue
            return


def _exact(text: bytes) -> dict[str, Any]:
    """Read an object that is written in the one way; ValueError."""
    if len(text) > _MOST_PIECE:
        raise ValueError("a piece of the line is very long")
    found = parsed(text)
    if canonical(found) != text:
        raise ValueError("it is not written in the canonical way")
    return found


def _checked(piece: Mapping[str, Any], name: str) -> Any:
    return CHECKED[name](piece[name])


def _ordinal(value: object) -> int:
    return NO_DAY if value is None else day(value).toordinal()


def _in_order(bands: object) -> tuple[str, ...]:
    codes: list[str] = CHECKED["bands"](bands)
    if codes != sorted(codes):
        raise ValueError("the bands are not in order")
    return tuple(codes)
