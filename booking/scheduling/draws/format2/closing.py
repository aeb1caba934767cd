"""What a draw closes over: its statement, the line without its order, the turns, the places; written and read back."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, overload

from typing_extensions import override

from allocation.lottery import merkle_root
from booking.platform.base.exact_json import canonical, one_line
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.csv_tables import LONGEST_HORIZON
from booking.scheduling.draws.files import BINS, REQUESTS, Bin, Frozen, check_bins, read_bins, write_bins
from booking.scheduling.draws.format2.kept import (
    check_lasting,
    check_rows,
    check_services,
    known_requests,
    read_kept_turns,
    write_kept_turns,
)
from booking.scheduling.draws.format2.line import Line, Written, read_leaves, write_leaves, write_lines
from booking.scheduling.draws.format2.rows import Entrant, Turn
from booking.scheduling.draws.format2.tables import (
    ANNOUNCEMENT,
    FORMAT,
    KEPT_TURNS,
    LEAVES,
    RESULT,
    STATEMENT,
    TURNS,
    TurnRow,
    read_turns,
    write_turns,
)
from booking.scheduling.draws.format2.wish_lines import Wishes, read_wishes
from booking.scheduling.draws.formats import DamagedFileError, content_of, day, digest, instant, shown
from booking.scheduling.draws.leaf import MOST_UNITS, Leaf
from booking.scheduling.requests.receipt import NONCE_BYTES
from booking.transparency.beacons.errors import BeaconError
from booking.transparency.beacons.terms import DrandTerms, Terms, audit_round, read_terms
from booking.transparency.beacons.values import round_after, value_of
from booking.transparency.log.entries import read_entry

ANNOUNCED: Final = (
    *("reference", "opens_at", "closes_at", "horizon_first", "horizon_last"),
    *("confirm_seconds", "seed_commitment", "beacon"),
)
"""What a statement repeats of its announcement."""
_TYPES: Final[Mapping[str, str]] = {ANNOUNCEMENT: "announcement", STATEMENT: "statement", RESULT: "result"}


def read_facts(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Read announcement.json, statement.json or result.json: the entry in one line.

    Raises
    ------
    DamagedFileError
        It is spelled in another way, or says what such an entry cannot say.
    """
    content = content_of(files, name)
    try:
        if not content.endswith(b"\n"):
            raise ValueError("it does not end in a line feed")  # noqa: TRY301 - one way out
        entry = read_entry(content[:-1])
        if entry["type"] != _TYPES[name]:
            raise ValueError(f"type is {shown(entry['type'])}, expected {_TYPES[name]}")  # noqa: TRY301 - the same
        check_facts(entry)
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    return entry


def checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry that is about to be logged; raises ValueError where verifiers would refuse it."""
    read = read_entry(canonical(dict(entry)))
    check_facts(read)
    return read


def check_facts(entry: Mapping[str, Any]) -> None:
    """Refuse what an announcement, a statement or a result of the right shape cannot say.

    Raises
    ------
    ValueError
        Two facts contradict each other, or the beacon is none, or of another round than the one that is due.
    """
    _CHECKS[entry["type"]](entry)


def terms_of(entry: Mapping[str, Any]) -> Terms:
    """Read the beacon of an announcement or a statement; ValueError."""
    try:
        return read_terms(entry["beacon"])
    except BeaconError as error:
        raise ValueError(f"beacon: {error}") from error


def audit_of(statement: Mapping[str, Any], at: str) -> dict[str, int] | None:
    """Return what a result at an instant must say of its audit."""
    return audit_round(statement["beacon"], instant(at))


def _check_announcement(entry: Mapping[str, Any]) -> None:
    _check_times(entry)
    if instant(entry["at"]) >= instant(entry["closes_at"]):
        raise ValueError("it is announced when asking has ended already")


def _check_result(entry: Mapping[str, Any]) -> None:
    if entry["beacon"]["value"] != value_of(bytes.fromhex(entry["beacon"]["signature"])).hex():
        raise ValueError("the value is not the SHA-256 of the beacon's signature")


def _check_times(entry: Mapping[str, Any]) -> None:
    opens, closes = instant(entry["opens_at"]), instant(entry["closes_at"])
    first, last = day(entry["horizon_first"]), day(entry["horizon_last"])
    if not opens < closes or not closes.date() <= first <= last or last - first > LONGEST_HORIZON:
        raise ValueError("its times and days do not follow each other")
    _check_round(entry, closes)


def _check_round(entry: Mapping[str, Any], closes: datetime) -> None:
    terms = terms_of(entry)
    if isinstance(terms, DrandTerms):
        due = round_after(closes, genesis=terms.genesis, period=terms.period)
        if terms.round != due:
            raise ValueError(f"round {terms.round} of the beacon is not the one that is due after the closing, {due}")


def _check_statement(entry: Mapping[str, Any]) -> None:
    _check_times(entry)
    if instant(entry["closed_at"]) < instant(entry["closes_at"]):
        raise ValueError("it is closed before asking ends")
    if entry["announcement"]["index"] >= entry["receipts"]["size"]:
        raise ValueError("the announcement is not among the entries that were in the log at the closing")
    wrong = [units for units in entry["compensation"] if int(units) > MOST_UNITS]
    if wrong:
        raise ValueError(f"compensation is for {wrong[0]} units")


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "announcement": _check_announcement,
    "statement": _check_statement,
    "result": _check_result,
}


@dataclass(frozen=True, eq=False)
class Bound:
    """What a statement binds of a closed draw: rows by their records, wishes by their hash, and the bins."""

    statement: Mapping[str, Any]
    line: Line
    turns: Sequence[TurnRow]
    bins: Sequence[Bin]


@dataclass(frozen=True, eq=False)
class Closed:
    """A draw that is closed: the statement, the line with its wishes, the turns, the bins, and the files of them."""

    statement: Mapping[str, Any]
    line: Line
    wishes: Wishes
    turns: Sequence[Turn]
    bins: Sequence[Bin]
    files: Mapping[str, bytes]

    @property
    def reference(self) -> str:
        """The draw's public name."""
        return str(self.statement["reference"])

    @cached_property
    def entrants(self) -> Sequence[Entrant]:
        """The requests one by one: much for a large draw, and not wanted to draw it."""
        return known_requests(self.files, self.line, self.reference)

    @cached_property
    def bases(self) -> list[bytes]:
        """The nonces of all wishes as they were asked, in leaf order."""
        return _cut(self.wishes.bases)

    @cached_property
    def place_salts(self) -> list[bytes]:
        """What hides the places of all leaves, in leaf order."""
        return _cut(self.wishes.salts)

    def frozen(self, value: bytes) -> Frozen:
        """Return what the draw works with once the beacon has its value."""
        return Frozen(self.statement, _Leaves(self), self.bins, joined(value, self.statement), self.wishes.asked)


@dataclass(frozen=True, eq=False)
class _Leaves(Sequence[Leaf]):
    """The requests of a closed draw one by one, read when somebody asks for the first of them."""

    closed: Closed

    @override
    def __len__(self) -> int:
        return len(self.closed.line)

    @overload
    def __getitem__(self, row: int) -> Leaf: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Leaf]: ...

    @override
    def __getitem__(self, row: int | slice) -> Leaf | Sequence[Leaf]:
        if isinstance(row, slice):
            return [each.leaf for each in self.closed.entrants[row]]
        return self.closed.entrants[row].leaf


def statement_hash(statement: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a closing statement as the log holds it, 32 bytes."""
    return sha256(canonical(dict(statement))).digest()


def joined(value: bytes, statement: Mapping[str, Any]) -> bytes:
    """Return what the seed is joined with in the lottery's key: the beacon's value and the statement's hash."""
    return value + statement_hash(statement)


def write_closing(
    facts: Mapping[str, Any],
    rows: Sequence[Written],
    turns: Sequence[Turn],
    bins: Sequence[Bin],
    *,
    of_wishes: Callable[[Asked], Mapping[str, Any]] = lambda _: {},
) -> dict[str, bytes]:
    """Write what is fixed at closing: the statement and the files that it binds.

    Parameters
    ----------
    facts
        The statement but ``type``, ``requests``, ``turns`` and ``bins``, which follow from the rest; ``format`` where
        it is not the newest.
    rows
        The line, by rising receipt.
    turns
        The turns that are kept outside of it, by rising receipt.
    bins
        The free places.
    of_wishes
        Returns the facts that follow from all wishes, as they were read back.

    Raises
    ------
    DamagedFileError
        They would not be read back: no draw is closed that nobody could check.
    """
    with ThreadPoolExecutor(1) as beside:  # to compress lets others have the interpreter
        requests = beside.submit(write_lines, rows)
        files = {
            KEPT_TURNS: write_kept_turns(turns),
            BINS: write_bins(bins),
            LEAVES: write_leaves(rows),
            TURNS: write_turns(turns),
        }
        statement = {"format": FORMAT, **facts, "type": "statement"}
        line, turn_rows = read_leaves(files), read_turns(files, most=len(turns))
        check_rows(statement, KEPT_TURNS, read_kept_turns(files, turn_rows))
        bound = {
            "turns": _bound([row.record() for row in turn_rows], files[KEPT_TURNS]),
            "bins": {
                "number": len(bins),
                "places": sum(each.places for each in bins),
                "sha256": digest(files[BINS]),
            },
        }
        root = merkle_root(line.records())
        files[REQUESTS] = requests.result()
    wishes = _read_wishes(files, line, statement)
    statement |= {**of_wishes(wishes.asked), **bound}
    statement["requests"] = {"number": len(line), "root": root.hex(), "sha256": digest(files[REQUESTS])}
    files |= {STATEMENT: one_line(statement)}
    read_bound_bins(files, read_facts(files, STATEMENT))
    return files


def read_closing(files: Mapping[str, bytes]) -> Closed:
    """Read back what `write_closing` wrote, and check it against the statement; raises DamagedFileError."""
    return read_closed(files, read_bound(files, read_facts(files, STATEMENT)))


def read_bound(files: Mapping[str, bytes], statement: Mapping[str, Any]) -> Bound:
    """Read the rows and bins of a closed draw; raises DamagedFileError where its statement does not bind the files."""
    turns = read_turns(files, most=statement["turns"]["number"])
    _require_bound(files, statement, "turns", [row.record() for row in turns], KEPT_TURNS)
    return replace(read_bound_line(files, statement), turns=turns)


def read_bound_line(files: Mapping[str, bytes], statement: Mapping[str, Any]) -> Bound:
    """Read what a draw is drawn from, as `read_bound`, without its turns."""
    line = read_leaves(files)
    _require_bound(files, statement, "requests", line.records(), REQUESTS)
    return Bound(statement, line, (), read_bound_bins(files, statement))


def read_closed(files: Mapping[str, bytes], bound: Bound) -> Closed:
    """Read the wishes and turns of a closed draw beside the rows that its statement binds.

    Raises
    ------
    DamagedFileError
        There is not a wish or a turn for each row.
    """
    turns = read_kept_turns(files, bound.turns)
    check_rows(bound.statement, KEPT_TURNS, turns)
    return replace(read_in_line(files, bound), turns=turns)


def read_in_line(files: Mapping[str, bytes], bound: Bound) -> Closed:
    """Read what a draw is drawn from, as `read_closed`, without its turns.

    These were read when it closed, and the statement holds the hash of their file.
    """
    wishes = _read_wishes(files, bound.line, bound.statement)
    return Closed(bound.statement, bound.line, wishes, (), bound.bins, files)


def _read_wishes(files: Mapping[str, bytes], line: Line, statement: Mapping[str, Any]) -> Wishes:
    wishes = read_wishes(files, line, statement["reference"], compare=False)  # of files that we wrote
    check_lasting(statement, REQUESTS, wishes.lasting, line.priority)
    check_services(statement, REQUESTS, wishes.several)
    return wishes


def read_bound_bins(files: Mapping[str, bytes], statement: Mapping[str, Any]) -> list[Bin]:
    """Read bins.csv, which must be the one that the statement binds; raises DamagedFileError."""
    content = content_of(files, BINS)
    if statement["bins"]["sha256"] != digest(content):
        raise DamagedFileError(f"{BINS}: its SHA-256 is not the one that {STATEMENT} states")
    bins = read_bins(content)
    check_bins(bins, statement)
    stated = statement["bins"]
    if (stated["number"], stated["places"]) != (len(bins), sum(each.places for each in bins)):
        raise DamagedFileError(f"{BINS}: bins or places are not as many as {STATEMENT} states")
    return bins


def _require_bound(
    files: Mapping[str, bytes], statement: Mapping[str, Any], rows: str, records: Sequence[bytes], kept: str
) -> None:
    if statement[rows] != _bound(records, content_of(files, kept)):
        raise DamagedFileError(f"{kept}: its rows are not those that {STATEMENT} binds")


def _bound(records: Sequence[bytes], kept: bytes) -> dict[str, Any]:
    return {"number": len(records), "root": merkle_root(records).hex(), "sha256": digest(kept)}


def _cut(nonces: bytes) -> list[bytes]:
    return [nonces[begin : begin + NONCE_BYTES] for begin in range(0, len(nonces), NONCE_BYTES)]
