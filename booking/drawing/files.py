"""The files of a draw: written in one way only, read back strictly, so that a changed byte is found."""

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from allocation import Mechanism
from allocation.problem import NEUTRAL
from booking.drawing.formats import (
    DamagedFileError,
    content_of,
    digest,
    integers,
    read_csv,
    read_json,
    words,
    write_csv,
    write_json,
)
from booking.drawing.leaf import MOST_UNITS, Leaf
from booking.states import Pool

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

FORMAT: Final = "mawid-draw-1"
LARGEST_INFLATED: Final = 1 << 30
LARGEST_COMPENSATION: Final = 32767
_UNITS: Final = re.compile(r"[1-9][0-9]{0,4}")
_BIN_COLUMNS: Final = ("bin", "office", "accessible", "day", "band", "pool", "starts_at", "slots", "free")


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
    """What a draw works with, fixed when it closed. ``facts`` is the content of draw.json."""

    facts: Mapping[str, Any]
    leaves: Sequence[Leaf]
    bins: Sequence[Bin]

    @cached_property
    def root(self) -> bytes:
        """The Merkle root that draw.json states."""
        return _bytes_of(self.facts, "root")

    @cached_property
    def mechanism(self) -> Mechanism:
        """How places are given, as draw.json states; draws from before there was a choice were by exchange."""
        try:
            mechanism = Mechanism(self.facts.get("mechanism", Mechanism.EXCHANGE))
        except ValueError as error:
            raise DamagedFileError(f"{DRAW}: {error}") from error
        if mechanism not in {Mechanism.EXCHANGE, Mechanism.IN_LINE}:
            raise DamagedFileError(f"{DRAW}: no draw is made by the mechanism {mechanism}")
        return mechanism

    @cached_property
    def compensation(self) -> Mapping[int, int]:
        """Per mille that each unit of a request weighs, by the request's units; 1000 where it is silent."""
        stated = self.facts.get("compensation", {})
        if not isinstance(stated, dict):
            raise DamagedFileError(f"{DRAW}: compensation is not an object")
        for units, weight in stated.items():
            if not _UNITS.fullmatch(units) or int(units) > MOST_UNITS:
                raise DamagedFileError(f"{DRAW}: compensation is for {units!r} units")
            if type(weight) is not int or not NEUTRAL <= weight <= LARGEST_COMPENSATION:
                raise DamagedFileError(f"{DRAW}: compensation for {units} units is {weight!r} per mille")
        return {int(units): weight for units, weight in stated.items()}

    @cached_property
    def last_day(self) -> date:
        """The last day of the places, as draw.json states."""
        try:
            return date.fromisoformat(self.facts["horizon_last"])
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedFileError(f"{DRAW}: horizon_last is not a day") from error

    @cached_property
    def commitment(self) -> bytes:
        """The seed's commitment that draw.json states."""
        return _bytes_of(self.facts, "seed_commitment")


def write_frozen(facts: Mapping[str, Any], leaves: Iterable[Leaf], bins: Iterable[Bin]) -> dict[str, bytes]:
    """Write the three frozen files; draw.json holds ``facts`` and the hashes of the two others."""
    lines = b"".join(leaf.line() + b"\n" for leaf in leaves)
    files = {REQUESTS: gzip.compress(lines, compresslevel=6, mtime=0), BINS: write_bins(bins)}
    content = dict(facts) | {"format": FORMAT, "files": {name: digest(content) for name, content in files.items()}}
    return files | {DRAW: write_json(content)}


def read_frozen(files: Mapping[str, bytes]) -> Frozen:
    """Read the frozen files back and check them against the hashes in draw.json; raises DamagedFileError."""
    facts = read_json(files, DRAW)
    if facts.get("format") != FORMAT:
        raise DamagedFileError(f"{DRAW}: the format is {facts.get('format')!r}, expected {FORMAT}")
    stated = facts.get("files")
    for name in (REQUESTS, BINS):
        if not isinstance(stated, dict) or stated.get(name) != digest(content_of(files, name)):
            raise DamagedFileError(f"{name}: its SHA-256 is not the one that {DRAW} states")
    frozen = Frozen(facts, read_requests(files[REQUESTS]), read_bins(files[BINS]))
    seconds = facts.get("solver_seconds")
    if type(seconds) is not int or seconds < 1:
        raise DamagedFileError(f"{DRAW}: solver_seconds is {seconds!r}, expected a positive number")
    _ = frozen.mechanism, frozen.compensation, frozen.last_day
    for name, value in (("root", frozen.root), ("seed_commitment", frozen.commitment)):
        if len(value) != sha256().digest_size:
            raise DamagedFileError(f"{DRAW}: {name} has {len(value)} bytes")
    return frozen


def read_requests(content: bytes) -> list[Leaf]:
    """Read requests.jsonl.gz; raises DamagedFileError with the line."""
    try:
        # never inflate without a bound: a few bytes may hide gigabytes
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        lines = inflater.decompress(content, LARGEST_INFLATED).split(b"\n")
    except zlib.error as error:
        raise DamagedFileError(f"{REQUESTS}: {error}") from error
    if not inflater.eof or inflater.unused_data or lines.pop() != b"":
        raise DamagedFileError(f"{REQUESTS}: it is cut off, or something follows its end")
    leaves = []
    for number, line in enumerate(lines, 1):
        try:
            leaves.append(Leaf.read(line))
        except ValueError as error:
            raise DamagedFileError(f"{REQUESTS}, line {number}: {error}") from error
    return leaves


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
            each = Bin(
                office=row[1],
                accessible=bool(int(row[2])),
                day=date.fromisoformat(row[3]),
                band=row[4],
                pool=Pool(row[5]),
                starts_at=datetime.fromisoformat(row[6]),
                slots=integers(row[7]),
                free=integers(row[8]),
            )
            if int(row[0]) != number or not each.slots or len(each.slots) != len(each.free) or min(each.free) < 1:
                raise ValueError("numbers, slots and free places do not fit together")  # noqa: TRY301 - one way out
        except ValueError as error:
            raise DamagedFileError(f"{BINS}, line {number + 2}: {error}") from error
        bins.append(each)
    return bins


def _bytes_of(facts: Mapping[str, Any], name: str) -> bytes:
    try:
        return bytes.fromhex(facts[name])
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFileError(f"{DRAW}: {name} is not in hexadecimal digits") from error
