"""line.csv and turns.csv: what everyone sees of the line and of the turns kept outside of it."""

import re
from binascii import unhexlify
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from allocation.lottery import HASH_BYTES
from booking.platform.base.exact_json import one_line
from booking.scheduling.draws.csv_tables import cells_of, csv_lines, write_csv
from booking.scheduling.draws.files import BINS, CERTIFICATE, PLAN, REPORT, REQUESTS, SEED
from booking.scheduling.draws.format2.rows import Turn, TurnReason, leaf_record, turn_record
from booking.scheduling.draws.formats import (
    DamagedFileError,
    code,
    content_of,
    hexadecimal,
    integer,
    only_keys,
    read_exact,
    shown,
    whole,
)
from booking.scheduling.draws.leaf import MOST_PRIORITY, PSEUDONYM_BYTES, RECEIPT_BYTES
from booking.transparency.beacons.bls import SIGNATURE_BYTES
from booking.transparency.beacons.values import value_of

FORMAT: Final = "mawid-draw-5"
"""What is written; draws in the three formats before it are read too."""
NAMING_SERVICES: Final = (FORMAT,)
"""Formats in which a wish may name more services of the same visit."""
PRICED_BY_SIZE: Final = (FORMAT,)
"""Formats whose certificate may hold prices by size."""
SAYING_WHAT_LASTS: Final = ("mawid-draw-3", "mawid-draw-4", FORMAT)
"""Formats whose rows say which lost draws last; before, every one did."""
ANNOUNCEMENT: Final = "announcement.json"
STATEMENT: Final = "statement.json"
RESULT: Final = "result.json"
BEACON: Final = "beacon.json"
LINE: Final = "line.csv"
TURNS: Final = "turns.csv"
KEPT_TURNS: Final = "turns.jsonl.gz"
COARSE: Final = "coarse.jsonl.gz"
AUDIT: Final = "audit.json"
"""The value that picks the lines which observers open; for everyone, once it is there. No hash covers it: a result has
one right value, which a verifier knows by its signature."""
LEAVES: Final = "leaves.csv"
"""line.csv before anybody knows who stands where; kept from the closing to the result, and never published."""
PROOFS: Final[Mapping[str, str]] = {
    ANNOUNCEMENT: "announcement.tlog-proof",
    STATEMENT: "statement.tlog-proof",
    RESULT: "result.tlog-proof",
}
"""The proof that an entry stands in the log, by the file of the entry."""

FOR_EVERYONE: Final = (
    *(ANNOUNCEMENT, STATEMENT, PROOFS[ANNOUNCEMENT], PROOFS[STATEMENT], RESULT, PROOFS[RESULT]),
    *(BEACON, SEED, LINE, TURNS, BINS, REPORT, CERTIFICATE),
)
"""Ring 1: published at once, for everyone."""
FOR_OBSERVERS: Final = (REQUESTS, KEPT_TURNS, PLAN)
"""Ring 2: at once too, for observers with a key."""
LATER: Final = (COARSE,)
"""Ring 3: once the days of a draw are over, for everyone."""
IN_RESULT: Final = (LINE, TURNS, BINS, REPORT, CERTIFICATE, BEACON, REQUESTS, KEPT_TURNS, PLAN)
"""What result.json states the SHA-256 of."""
IN_CERTIFICATE: Final = (STATEMENT, LINE, TURNS, BINS, PLAN, REQUESTS, KEPT_TURNS, REPORT)
"""What certificate.json states the SHA-256 of."""
MEDIA_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys((ANNOUNCEMENT, STATEMENT, RESULT, BEACON, AUDIT, REPORT, CERTIFICATE), "application/json"),
    **dict.fromkeys(PROOFS.values(), "text/plain"),
    **dict.fromkeys((LINE, TURNS, BINS, PLAN, LEAVES), "text/csv"),
    **dict.fromkeys((REQUESTS, KEPT_TURNS, COARSE), "application/gzip"),
    SEED: "text/plain",
}


LEAF_COLUMNS: Final = ("leaf", "person", "priority", "receipt", "before")
LINE_COLUMNS: Final = (*LEAF_COLUMNS, "position", "served")
TURN_COLUMNS: Final = ("row", "receipt", "priority", "reason", "before")
_FLAGS: Final = ("0", "1")
MOST_ROWS: Final = (1 << 31) - 1
_REASONS: Final = {reason.encode(): reason for reason in TurnReason}
_TURN_ROW: Final = re.compile(
    rb"(0|[1-9][0-9]{0,9}),([0-9a-f]{64}),(0|[1-9][0-9]{0,4}),(%s),([0-9a-f]{64})?" % b"|".join(_REASONS)
)


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


def write_turns(turns: Iterable[Turn]) -> bytes:
    """Write turns.csv."""
    return write_csv(
        TURN_COLUMNS,
        (
            (number, each.receipt.hex(), each.priority, each.reason.value, _link_cell(each.before))
            for number, each in enumerate(turns)
        ),
    )


def read_turns(files: Mapping[str, bytes], *, most: int) -> list[TurnRow]:
    """Read turns.csv, of at most so many rows, which rise by receipt; raises DamagedFileError with the line.

    A row in its usual spelling is cut by one pattern; any other one is read cell by cell, which says what is wrong.
    """
    rows: list[TurnRow] = []
    for number, line in csv_lines(TURNS, content_of(files, TURNS), TURN_COLUMNS, most=most):
        found = _TURN_ROW.fullmatch(line)
        if found is None or int(found[1]) != number - 2 or int(found[3]) > MOST_PRIORITY:
            row = _strictly(number, line)
        else:
            link = found[5]
            row = TurnRow(unhexlify(found[2]), int(found[3]), _REASONS[found[4]], link and unhexlify(link))
        if rows and row.receipt <= rows[-1].receipt:
            raise DamagedFileError(f"{TURNS}, line {number}: the receipts are not rising, or one is there twice")
        rows.append(row)
    return rows


def _strictly(number: int, line: bytes) -> TurnRow:
    cells = cells_of(TURNS, number, line, TURN_COLUMNS)
    try:
        return _turn_row(number - 2, cells)
    except ValueError as error:
        raise DamagedFileError(f"{TURNS}, line {number}: {error}") from error


def leaf_row(number: int, cells: Sequence[str]) -> LineRow:
    """Read a row of leaves.csv, which counts from 0; ValueError where a cell is wrong."""
    return LineRow(*_leaf(number, cells))


def line_row(number: int, cells: Sequence[str]) -> LineRow:
    """Read a row of line.csv, which counts from 0; ValueError where a cell is wrong."""
    if cells[6] not in _FLAGS:
        raise ValueError(f"served is {shown(cells[6])}, expected 0 or 1")
    return LineRow(*_leaf(number, cells), integer(cells[5], most=MOST_ROWS), cells[6] == "1")


def _leaf(number: int, cells: Sequence[str]) -> tuple[bytes, int, bytes, bytes | None]:
    _check_number(number, cells)
    return (
        hexadecimal(cells[1], PSEUDONYM_BYTES),
        integer(cells[2], most=MOST_PRIORITY),
        hexadecimal(cells[3], RECEIPT_BYTES),
        _link(cells[4]),
    )


def _turn_row(number: int, cells: Sequence[str]) -> TurnRow:
    _check_number(number, cells)
    if cells[3] not in tuple(TurnReason):
        raise ValueError(f"{shown(cells[3])} is no reason for a turn")
    receipt = hexadecimal(cells[1], RECEIPT_BYTES)
    return TurnRow(receipt, integer(cells[2], most=MOST_PRIORITY), TurnReason(cells[3]), _link(cells[4]))


def _check_number(number: int, cells: Sequence[str]) -> None:
    if integer(cells[0]) != number:
        raise ValueError("the rows are not in order")


def _link_cell(before: bytes | None) -> str:
    return before.hex() if before else ""


def _link(cell: str) -> bytes | None:
    return hexadecimal(cell, RECEIPT_BYTES) if cell else None


_KINDS: Final = ("drand", "witnesses")


def write_beacon(statement: Mapping[str, Any], signature: bytes) -> bytes:
    """Write beacon.json."""
    return one_line(value_facts(statement, statement["beacon"].get("round"), signature))


def value_facts(statement: Mapping[str, Any], round_: int | None, signature: bytes) -> dict[str, Any]:
    """Return what a file says of a value of the beacon of a statement; ``round_`` is None for witnesses."""
    return {
        "kind": statement["beacon"]["kind"],
        "reference": statement["reference"],
        "round": round_,
        "signature": signature.hex(),
        "value": value_of(signature).hex(),
    }


def read_beacon(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Read beacon.json; raises DamagedFileError."""
    return read_value(files, BEACON)


def read_value(files: Mapping[str, bytes], name: str, *more: str) -> dict[str, Any]:
    """Read a file with a value of a beacon, and ``more`` keys, which are not looked at; raises DamagedFileError."""
    said = read_exact(files, name)
    try:
        only_keys(said, ("kind", "reference", "round", "signature", "value", *more), what="the object")
        code(said["reference"])
        if said["kind"] not in _KINDS:
            raise ValueError(f"the kind is {shown(said['kind'])}")  # noqa: TRY301 - one way out
        if said["round"] is not None:
            whole(said["round"], "round", 1)
        signature = hexadecimal(said["signature"], SIGNATURE_BYTES)
        if hexadecimal(said["value"], HASH_BYTES) != value_of(signature):
            raise ValueError("the value is not the SHA-256 of the signature")  # noqa: TRY301 - one way out
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    return said
