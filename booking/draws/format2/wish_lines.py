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

from booking.base.exact_json import canonical
from booking.draws.asked import APART, COLUMNS, NO_DAY, Asked, AskedRows
from booking.draws.files import REQUESTS, packed_lines
from booking.draws.format2 import nonces
from booking.draws.format2.kept import UNKNOWN, read_link, read_request
from booking.draws.format2.line import Line
from booking.draws.format2.rows import Entrant, Link, draw_receipt
from booking.draws.formats import DamagedFileError, content_of, day, hexadecimal, parsed
from booking.draws.leaf import CHECKED, MOST_LINE, PSEUDONYM_BYTES, check_days, read_lasting
from booking.requests.receipt import NONCE_BYTES, Window

_TEXT: Final = rb'"[^"\\]*"'
_DAY: Final = rb'(?:"[^"\\]*"|null)'
_LIST: Final = rb"\[[^\]\\]*\]"
_NUMBER: Final = rb"[0-9]{1,5}"
_USUAL: Final = re.compile(
    rb'\{("accessible":(?:true|false),"bands":' + _LIST + rb'),"base":"([0-9a-f]{32})",'
    rb'("door":' + _TEXT + rb',"first_day":' + _TEXT + rb',(?:"holds":' + _LIST + rb',)?"last_day":' + _DAY + rb"),"
    rb'(?:"lasting":(' + _NUMBER + rb'),)?"link":(null|\{[^{}\\]*\}),"logged":(0|[1-9][0-9]{0,17}),'
    rb'("needed_by":' + _DAY + rb'),(("offices":' + _LIST + rb'),("party":' + _NUMBER + rb',"service":' + _TEXT + rb"),"
    rb'(?:"together":(' + _TEXT + rb'),)?("units":' + _NUMBER + rb',"weekdays":' + _NUMBER + rb"))\}"
)
"""A line without days of single offices or further services, cut into pieces of which most are in many lines; a line
that follows another pattern is read strictly, key by key."""
_USUAL_LINK: Final = re.compile(rb'(\{"draw":"[^"\\]*","list":"[a-z]*","row":)(0|[1-9][0-9]{0,8})\}')
OTHER_RECEIPT: Final = "the wish has another receipt than line.csv shows"
_NO_PIECES: Final = (0,) * 7
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

    It refuses what `booking.draws.format2.kept.read_requests` refuses. ``compare``: hash each wish and link, to compare
    them with the rows, which is a third of the work; who wrote both needs none of it.
    """
    reader = _Reader(line, reference, compare=compare)
    number = 0
    for number, text in packed_lines(content_of(files, REQUESTS), REQUESTS):
        if number > len(line):
            raise DamagedFileError(f"{REQUESTS}, line {number}: there are more than {len(line)} rows")
        try:
            reader.take(number - 1, text)
        except ValueError as error:
            raise DamagedFileError(f"{REQUESTS}, line {number}: {error}") from error
    if number != len(line):
        raise DamagedFileError(f"{REQUESTS} holds {number} lines for {len(line)} rows")
    return reader.wishes()


class _Values(dict[bytes, Any]):
    """What each spelling of a value stands for; it is checked when it is met first."""

    def __init__(self, check: Callable[[Any], Any]) -> None:
        self._check = check

    def __missing__(self, text: bytes) -> Any:
        found = self[text] = self._check(_exact(b'{"value":' + text + b"}")["value"])
        return found


class _Links(dict[bytes, Link]):
    """What each beginning of a link, up to its row, points to: the first row of that list."""

    def __missing__(self, begin: bytes) -> Link:
        found = self[begin] = _link(begin + b"0}")
        return found

    def read(self, text: bytes) -> Link:
        """Read a link in its one spelling; ValueError."""
        found = _USUAL_LINK.fullmatch(text)
        if found is None:
            return _link(text)
        first = self[found[1]]
        return Link(first.draw, first.list, int(found[2]))


class _Pieces(dict[bytes, int]):
    """The number of each spelling of some neighbouring keys, and by number the values that it gives to some columns."""

    def __init__(self, columns: Sequence[str], check: Callable[[dict[str, Any]], tuple[int, ...]]) -> None:
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
        self._rows = AskedRows()
        self._other, self._windows = dict[int, tuple[int, ...]](), dict[int, Sequence[Window]]()
        self._numbers, self._bases = array("i"), bytearray()
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
        self._together = _Values(lambda value: rows.households[hexadecimal(value, PSEUDONYM_BYTES)])
        self._lasts, self._pointed = _Values(read_lasting), _Links()

    def take(self, row: int, text: bytes) -> None:
        """Take a line; ValueError where it is spelled in another way."""
        found = _USUAL.fullmatch(text) if len(text) <= MOST_LINE else None
        if found is None or not self._take_usual(row, *found.groups()):
            self._take_other(row, read_request(text, self._line[row], self._reference))

    def wishes(self) -> Wishes:
        """Return all that were taken."""
        numbers = np.frombuffer(self._numbers, np.int32).reshape(-1, len(self._pieces) + 1)
        table = np.empty((len(numbers), len(COLUMNS)), np.int32)
        for place, piece in enumerate(self._pieces):
            table[:, piece.columns] = piece.of(numbers[:, place])
        table[:, COLUMNS.index("together")] = numbers[:, -1]
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

    def _take_usual(self, row: int, *parts: Any) -> bool:
        """Take a line that was cut; False where a value is not one that it can be, which `read_request` then names."""
        begin, base, middle, lasting, link, logged, needed, end, offices, party, together, units = parts
        at_first, when, until, where, who, how = self._pieces
        try:
            numbers = (
                *(at_first[begin], when[middle], until[needed], where[offices], who[party], how[units]),
                self._together[together] if together else APART,
            )
            lasts = UNKNOWN if lasting is None else self._lasts[lasting]
            pointed = None if link == b"null" else self._pointed.read(link)
        except ValueError:
            return False
        secret = unhexlify(base)
        self._numbers.extend(numbers)
        self._take_rest(row, secret, pointed, int(logged), lasts)
        if self._compare and self._wrong is None:
            nonce = nonces.draw_nonce(secret, self._reference).hex().encode()
            receipt = sha256(b'{%s,%s,%s,"nonce":"%s",%s}' % (begin, middle, needed, nonce, end)).digest()
            self._compare_row(row, secret, receipt, pointed)
        return True

    def _take_other(self, row: int, each: Entrant) -> None:
        self._other[row] = self._rows.values(each.leaf)
        if each.leaf.wish.windows:
            self._windows[row] = each.leaf.wish.windows
        if each.leaf.wish.also and self._several is None:
            self._several = row
        self._numbers.extend(_NO_PIECES)
        lasts = UNKNOWN if each.lasting is None else each.lasting
        self._take_rest(row, each.base, each.link, each.logged, lasts)
        if self._compare and self._wrong is None:
            self._compare_row(row, each.base, draw_receipt(each.leaf), each.link)

    def _take_rest(self, row: int, base: bytes, link: Link | None, logged: int, lasts: int) -> None:
        self._bases += base
        self._logged.append(logged)
        self._lasting.append(lasts)
        if link is not None:
            self._links[row] = link

    def _compare_row(self, row: int, base: bytes, receipt: bytes, link: Link | None) -> None:
        if receipt != self._line.receipt(row):
            self._wrong = row, OTHER_RECEIPT
        elif (link.hash(base, self._reference) if link else None) != self._line.before[row]:
            self._wrong = row, OTHER_LINK


def _exact(text: bytes) -> dict[str, Any]:
    """Read an object that is written in the one way; ValueError."""
    found = parsed(text)
    if canonical(found) != text:
        raise ValueError("it is not written in the canonical way")
    return found


def _checked(piece: Mapping[str, Any], name: str) -> Any:
    return CHECKED[name](piece[name])


def _ordinal(value: object) -> int:
    return NO_DAY if value is None else day(value).toordinal()


def _link(text: bytes) -> Link:
    """Read a link in its one spelling; ValueError."""
    link = read_link(parsed(text))
    if link is None or canonical(link.columns()) != text:
        raise ValueError("a link is not written in the canonical way")
    return link


def _in_order(bands: object) -> tuple[str, ...]:
    codes: list[str] = CHECKED["bands"](bands)
    if codes != sorted(codes):
        raise ValueError("the bands are not in order")
    return tuple(codes)
