"""The line as it is written: each request's line and row from pieces, of which each spelling is made once.

It writes what `booking.scheduling.draws.format2.rows.Entrant` says, and what
`booking.scheduling.draws.format2.wish_lines` cuts into values again; a request with days of single offices, or for
several services, is written by way of `Entrant`.
"""

from binascii import hexlify
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple, Self

from booking.people.prerequisites.holding import Days
from booking.platform.base.exact_json import canonical
from booking.scheduling.draws.files import pack_lines
from booking.scheduling.draws.format2 import nonces
from booking.scheduling.draws.format2.kept import request_line
from booking.scheduling.draws.format2.rows import Entrant, Link
from booking.scheduling.draws.format2.tables import LEAF_COLUMNS, LINE_COLUMNS
from booking.scheduling.requests.receipt import WishRow


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
