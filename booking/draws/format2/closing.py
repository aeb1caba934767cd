"""What a draw closes over: its statement, the line without its order, the turns, the places; written and read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from booking.base.exact_json import canonical, one_line
from booking.draws.files import BINS, REQUESTS, Bin, Frozen, check_bins, read_bins, write_bins
from booking.draws.format2.facts import read_facts
from booking.draws.format2.kept import (
    check_lasting,
    known_requests,
    read_kept_turns,
    read_requests,
    write_kept_turns,
    write_requests,
)
from booking.draws.format2.names import FORMAT, KEPT_TURNS, LEAVES, STATEMENT, TURNS
from booking.draws.format2.nonces import place_salt
from booking.draws.format2.rows import Entrant, Recorded, Turn, root_of
from booking.draws.format2.tables import LineRow, TurnRow, read_leaves, read_turns, write_leaves, write_turns
from booking.draws.formats import DamagedFileError, content_of, digest


@dataclass(frozen=True, eq=False)
class Closed:
    """A draw that is closed: the statement, the rows of the line and of the turns, and the bins."""

    statement: Mapping[str, Any]
    entrants: Sequence[Entrant]
    turns: Sequence[Turn]
    bins: Sequence[Bin]

    @property
    def reference(self) -> str:
        """The draw's public name."""
        return str(self.statement["reference"])

    @cached_property
    def place_salts(self) -> list[bytes]:
        """What hides the places of all leaves, in leaf order."""
        return [place_salt(each.base, self.reference) for each in self.entrants]

    def frozen(self, value: bytes) -> Frozen:
        """Return what the draw works with once the beacon has its value."""
        leaves = [each.leaf for each in self.entrants]
        return Frozen(self.statement, leaves, self.bins, joined(value, self.statement))


@dataclass(frozen=True, eq=False)
class Bound:
    """What a statement binds of a closed draw: rows by their records, wishes by their hash, and the bins."""

    statement: Mapping[str, Any]
    line: Sequence[LineRow]
    turns: Sequence[TurnRow]
    bins: Sequence[Bin]


def statement_hash(statement: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a closing statement as the log holds it, 32 bytes."""
    return sha256(canonical(dict(statement))).digest()


def joined(value: bytes, statement: Mapping[str, Any]) -> bytes:
    """Return what the seed is joined with in the lottery's key: the beacon's value and the statement's hash."""
    return value + statement_hash(statement)


def write_closing(
    facts: Mapping[str, Any], entrants: Sequence[Entrant], turns: Sequence[Turn], bins: Sequence[Bin]
) -> dict[str, bytes]:
    """Write what is fixed at closing: the statement and the files that it binds.

    Parameters
    ----------
    facts
        The statement but ``type``, ``requests``, ``turns`` and ``bins``, which follow from the rest; ``format`` where
        it is not the newest.
    entrants
        The line, by rising receipt.
    turns
        The turns that are kept outside of it, by rising receipt.
    bins
        The free places.

    Raises
    ------
    DamagedFileError
        They would not be read back: no draw is closed that nobody could check.
    """
    files = {
        REQUESTS: write_requests(entrants),
        KEPT_TURNS: write_kept_turns(turns),
        BINS: write_bins(bins),
        LEAVES: write_leaves(entrants),
        TURNS: write_turns(turns),
    }
    statement = {"format": FORMAT, **facts} | {
        "type": "statement",
        "requests": _bound(entrants, files[REQUESTS]),
        "turns": _bound(turns, files[KEPT_TURNS]),
        "bins": {
            "number": len(bins),
            "places": sum(each.places for each in bins),
            "sha256": digest(files[BINS]),
        },
    }
    files |= {STATEMENT: one_line(statement)}
    read_closing(files)
    return files


def read_closing(files: Mapping[str, bytes]) -> Closed:
    """Read back what `write_closing` wrote, and check it against the statement; raises DamagedFileError."""
    return _read(files, read_bound(files, read_facts(files, STATEMENT)), read_requests)


def read_bound(files: Mapping[str, bytes], statement: Mapping[str, Any]) -> Bound:
    """Read the rows and bins of a closed draw; raises DamagedFileError where its statement does not bind the files."""
    line, turns = read_leaves(files), read_turns(files, most=statement["turns"]["number"])
    for name, rows, kept in (("requests", line, REQUESTS), ("turns", turns, KEPT_TURNS)):
        if statement[name] != _bound(rows, content_of(files, kept)):
            raise DamagedFileError(f"{kept}: its rows are not those that {STATEMENT} binds")
    return Bound(statement, line, turns, read_bound_bins(files, statement))


def read_known(files: Mapping[str, bytes], bound: Bound) -> Closed:
    """Read the wishes of a closed draw whose statement the caller knows to be the one in the log.

    What that binds was read strictly before it was stated: how the wishes are spelled is not looked at again.

    Raises
    ------
    DamagedFileError
        There is not a wish for each row.
    """
    return _read(files, bound, known_requests)


def _read(
    files: Mapping[str, bytes],
    bound: Bound,
    requests: Callable[[Mapping[str, bytes], Sequence[LineRow], str], list[Entrant]],
) -> Closed:
    entrants = requests(files, bound.line, bound.statement["reference"])
    turns = read_kept_turns(files, bound.turns)
    check_lasting(bound.statement, entrants, turns)
    return Closed(bound.statement, entrants, turns, bound.bins)


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


def _bound(rows: Sequence[Recorded], kept: bytes) -> dict[str, Any]:
    return {"number": len(rows), "root": root_of(rows).hex(), "sha256": digest(kept)}
