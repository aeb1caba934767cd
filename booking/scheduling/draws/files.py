"""The files of a draw: written in one way only, read back strictly, so that a changed byte is found."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from allocation import Mechanism
from booking.platform.base.drawing_agreed import NOTICE
from booking.platform.models.states import Pool
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.csv_tables import check_facts, read_csv, write_csv
from booking.scheduling.draws.formats import (
    DamagedFileError,
    code,
    content_of,
    day,
    digest,
    inflated,
    instant,
    integer,
    integers,
    lines_in,
    read_json,
    whole_lines,
    words,
)
from booking.scheduling.draws.leaf import Leaf

DRAW: Final = "draw.json"
REQUESTS: Final = "requests.jsonl.gz"
BINS: Final = "bins.csv"
PLAN: Final = "plan.csv"
REPORT: Final = "report.json"
CERTIFICATE: Final = "certificate.json"
SEED: Final = "seed.txt"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    DRAW: "application/json",
    REQUESTS: "application/gzip",
    BINS: "text/csv",
    PLAN: "text/csv",
    REPORT: "application/json",
    CERTIFICATE: "application/json",
    SEED: "text/plain",
}
"""All files of a published draw; the first three are frozen when it closes."""

LARGEST_INFLATED: Final = 1 << 30
_GZIP: Final = b"\x1f\x8b\x08" + bytes(5)
"""How gzip begins without a file name, a comment or a time."""
_FLAGS: Final = ("0", "1")
MOST_PLACES: Final = (1 << 31) - 1
_EARLIEST, _LATEST = timedelta(hours=-14), timedelta(hours=36)
"""A day begins 14 hours before it does in UTC at the earliest, and ends 12 hours after it at the latest."""
_DRAWN_POOLS: Final = (Pool.DRAW.value, Pool.ACCESSIBLE.value)
_BIN_COLUMNS: Final = ("bin", "office", "accessible", "day", "band", "pool", "starts_at", "slots", "free")


Seat = tuple[tuple[int, int], ...]
"""Where a party sits: slot and units, slot after slot; empty where it has no place."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Touching slots with free places of one pool, in one band of one office-day; ``starts_at`` is the first's."""

    office: str
    accessible: bool
    day: date
    band: str
    pool: Pool
    starts_at: datetime
    slots: tuple[int, ...]
    free: tuple[int, ...]

    @property
    def places(self) -> int:
        """Free places of all its slots."""
        return sum(self.free)


@dataclass(frozen=True, eq=False)
class Frozen:
    """What a draw works with, fixed when it closed. ``facts`` is the content of draw.json.

    In format 2 they are the closing statement, and ``public`` is what the seed is joined with: the beacon's value and
    the statement's hash. Who checks or repeats a draw reads its requests as ``columns`` alone, and has no ``leaves``.
    """

    facts: Mapping[str, Any]
    leaves: Sequence[Leaf]
    bins: Sequence[Bin]
    public: bytes = b""
    columns: Asked | None = None

    @cached_property
    def asked(self) -> Asked:
        """The requests as columns."""
        return Asked.of(self.leaves) if self.columns is None else self.columns

    @property
    def joined(self) -> bytes:
        """What everyone knows of the lottery's key, after the seed: in format 1 the root."""
        return self.public or self.root

    @cached_property
    def root(self) -> bytes:
        """The Merkle root that draw.json states."""
        return bytes.fromhex(self.facts["root"])

    @cached_property
    def mechanism(self) -> Mechanism:
        """How places are given, as draw.json states; draws from before there was a choice were by exchange."""
        return Mechanism(self.facts.get("mechanism", Mechanism.EXCHANGE))

    @cached_property
    def compensation(self) -> Mapping[int, int]:
        """Per mille that each unit of a request weighs, by the request's units; 1000 where it is silent."""
        return {int(units): weight for units, weight in self.facts.get("compensation", {}).items()}

    @cached_property
    def last_day(self) -> date:
        """The last day of the places, as draw.json states."""
        return date.fromisoformat(self.facts["horizon_last"])

    @cached_property
    def commitment(self) -> bytes:
        """The seed's commitment that draw.json states."""
        return bytes.fromhex(self.facts["seed_commitment"])


def read_frozen(files: Mapping[str, bytes]) -> Frozen:
    """Read the frozen files back and check them against the hashes in draw.json; raises DamagedFileError."""
    facts = read_json(files, DRAW)
    try:
        check_facts(facts)
    except ValueError as error:
        raise DamagedFileError(f"{DRAW}: {error}") from error
    for name in (REQUESTS, BINS):
        if facts["files"][name] != digest(content_of(files, name)):
            raise DamagedFileError(f"{name}: its SHA-256 is not the one that {DRAW} states")
    leaves, bins = read_requests(files[REQUESTS]), read_bins(files[BINS])
    if len(leaves) != facts["requests"]:
        raise DamagedFileError(f"{REQUESTS} holds {len(leaves)} requests, {DRAW} says {facts['requests']}")
    check_bins(bins, facts)
    return Frozen(facts, leaves, bins)


def read_requests(content: bytes) -> list[Leaf]:
    """Read requests.jsonl.gz; raises DamagedFileError with the line."""
    leaves: list[Leaf] = []
    for number, line in packed_lines(content, REQUESTS):
        try:
            leaf = Leaf.read(line)
        except ValueError as error:
            raise DamagedFileError(f"{REQUESTS}, line {number}: {error}") from error
        if leaves and leaf.receipt <= leaves[-1].receipt:
            raise DamagedFileError(f"{REQUESTS}, line {number}: the receipts are not rising, or one is there twice")
        leaves.append(leaf)
    return leaves


def pack_lines(lines: Iterable[bytes]) -> bytes:
    """Compress lines in the one way that `packed_lines` reads."""
    return gzip.compress(b"".join(line + b"\n" for line in lines), compresslevel=6, mtime=0)


def packed_lines(content: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a compressed file with their numbers, from 1 on; raises DamagedFileError."""
    return enumerate(lines_in(_unpacked(content, name), name), 1)


def packed_text(content: bytes, name: str) -> Iterator[bytes]:
    """Yield the lines of a compressed file, some thousand at once, with their line feeds; raises DamagedFileError."""
    return whole_lines(_unpacked(content, name), name)


def _unpacked(content: bytes, name: str) -> Iterator[bytes]:
    if content[:8] != _GZIP:
        raise DamagedFileError(f"{name}: its gzip header holds more than it needs")
    return inflated(content, zlib.MAX_WBITS | 16, most=LARGEST_INFLATED, name=name)


def write_bins(bins: Iterable[Bin]) -> bytes:
    """Write bins.csv; a bin's number is its row."""
    rows = (
        (
            number,
            each.office,
            int(each.accessible),
            each.day.isoformat(),
            each.band,
            each.pool.value,
            each.starts_at.isoformat(),
            words(each.slots),
            words(each.free),
        )
        for number, each in enumerate(bins)
    )
    return write_csv(_BIN_COLUMNS, rows)


def read_bins(content: bytes) -> list[Bin]:
    """Read bins.csv; raises DamagedFileError with the line."""
    bins = []
    for number, row in enumerate(read_csv(BINS, content, _BIN_COLUMNS)):
        try:
            if integer(row[0]) != number or row[2] not in _FLAGS or row[5] not in _DRAWN_POOLS:
                raise ValueError("the number, the flag or the pool is not one that can stand here")  # noqa: TRY301
            each = Bin(
                office=code(row[1]),
                accessible=row[2] == "1",
                day=day(row[3]),
                band=code(row[4]),
                pool=Pool(row[5]),
                starts_at=instant(row[6]),
                slots=integers(row[7]),
                free=integers(row[8]),
            )
        except ValueError as error:
            raise DamagedFileError(f"{BINS}, line {number + 2}: {error}") from error
        bins.append(each)
    return bins


def check_bins(bins: Sequence[Bin], facts: Mapping[str, Any]) -> None:
    """Refuse bins that contradict each other or the draw's days; raises DamagedFileError with the line."""
    try:
        _check_bins(bins, facts)
    except ValueError as error:
        raise DamagedFileError(f"{BINS}, {error}") from error


def _check_bins(bins: Sequence[Bin], facts: Mapping[str, Any]) -> None:
    """Refuse bins that contradict each other or the draw's days: above all a slot of one pool in two of them.

    Raises
    ------
    ValueError
        A bin is out of order, or cannot be one of this draw, an office is accessible in one bin and not in another, or
        a slot is there twice.
    """
    closed, first, last = instant(facts["closed_at"]), day(facts["horizon_first"]), day(facts["horizon_last"])
    before = None
    accessible: dict[str, bool] = {}
    begins: dict[tuple[str, datetime], int] = {}
    places: dict[int, tuple[str, date, str]] = {}
    seen: set[tuple[Pool, int]] = set()
    for line, each in enumerate(bins, 2):
        turn = each.office, each.day, each.starts_at, each.pool
        if before is not None and turn <= before:
            raise ValueError(f"line {line}: the bins do not rise by office, day, start and pool")
        before = turn
        if not first <= each.day <= last or each.starts_at < closed + NOTICE:
            raise ValueError(f"line {line}: the bin is not on a day of the draw, or begins too soon after the closing")
        _check_bin(line, each)
        if accessible.setdefault(each.office, each.accessible) != each.accessible:
            raise ValueError(f"line {line}: the office is accessible in one bin and not in another")
        if begins.setdefault((each.office, each.starts_at), each.slots[0]) != each.slots[0]:
            raise ValueError(f"line {line}: two slots of the office begin at the same time")
        for slot in each.slots:
            if (each.pool, slot) in seen:
                raise ValueError(f"line {line}: slot {slot} of the pool {each.pool} is there twice")
            seen.add((each.pool, slot))
            where = each.office, each.day, each.band
            if places.setdefault(slot, where) != where:
                raise ValueError(f"line {line}: slot {slot} is at two offices, on two days or in two bands")
    _check_times(bins)


def _check_times(bins: Sequence[Bin]) -> None:
    """Refuse bins of the two pools that disagree on when a slot begins or which one follows it; ValueError."""
    begins: dict[int, datetime] = {}
    after: dict[int, int] = {}
    ahead: dict[int, int] = {}
    for line, each in enumerate(bins, 2):
        if begins.setdefault(each.slots[0], each.starts_at) != each.starts_at:
            raise ValueError(f"line {line}: slot {each.slots[0]} begins at two times")
        for slot, other in pairwise(each.slots):
            if after.setdefault(slot, other) != other or ahead.setdefault(other, slot) != slot:
                raise ValueError(f"line {line}: slots {slot} and {other} do not touch in another bin")
    for line, each in enumerate(bins, 2):
        known = [begins[slot] for slot in each.slots if slot in begins]
        if any(later <= earlier for earlier, later in pairwise(known)):
            raise ValueError(f"line {line}: the slots do not follow each other in time")


def _check_bin(line: int, each: Bin) -> None:
    midnight = datetime.combine(each.day, time(), UTC)
    if not _EARLIEST <= each.starts_at - midnight < _LATEST or each.starts_at.second or each.starts_at.microsecond:
        raise ValueError(f"line {line}: the bin does not begin on its day, or inside a minute")
    if not each.slots or len(each.slots) != len(each.free) or min(each.free) < 1 or each.places > MOST_PLACES:
        raise ValueError(f"line {line}: slots and free places do not fit together")
