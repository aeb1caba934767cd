"""Read back, strictly, what a draw published about its result."""

import base64
import re
import zlib
from array import array
from binascii import unhexlify
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allocation import Mechanism, Status
from allocation.checking.certificate import HASHES, OPEN
from booking.scheduling.draws import figures, formats
from booking.scheduling.draws.csv_tables import cells_of, check_hashes, check_versions, csv_lines
from booking.scheduling.draws.decision import PLAN_COLUMNS, SALTED_PLAN
from booking.scheduling.draws.files import BINS, CERTIFICATE, DRAW, PLAN, REPORT, REQUESTS, SEED
from booking.scheduling.draws.formats import only_keys
from booking.scheduling.requests.receipt import NONCE_BYTES

_SEED: Final = re.compile(rb"[0-9a-f]{64}\n")
_MOST_SIZES: Final = 32
"""Sizes of which a bin can have a price; draws with more have none."""
_MOST_ROWS: Final = (1 << 31) - 1
_NUMBER: Final = rb"(0|[1-9][0-9]{0,8})"
_PLACED: Final = _NUMBER + b"," + _NUMBER + b",(?:" + _NUMBER + b"," + _NUMBER + rb",([0-9 ]{1,64})|,,)"
_ROW: Final = re.compile(_PLACED)
_SALTED_ROW: Final = re.compile(_PLACED + rb",([0-9a-f]{32})")
_PlanRow: TypeAlias = tuple[int, int, int | None, tuple[int, ...]]
"""Position, bin, first slot and units of a leaf."""
IN_CERTIFICATE: Final = (DRAW, REQUESTS, BINS, PLAN, REPORT)
"""What certificate.json states the SHA-256 of in format 1."""
_STATUS: Final = (Status.OPTIMAL, Status.BOUNDED, Status.BASELINE)
_TOTALS: Final = ("served_requests", "served_people", "served_units", "objective", "bound")
_CERTIFICATE: Final = (
    *("format", "mechanism", "status", "objective", "plan_bound", "bound"),
    *("versions", "columns"),
)
_FIGURES: Final = (
    *("format", "reference", "mechanism", "status", "objective", "bound", "gap", "gap_people"),
    *("asked_requests", "asked_people", "served_requests", "served_people", "first_choice", "first_choice_share"),
    *("places", "used", "half_served_by", "deadlines", "groups"),
)


@dataclass(frozen=True, eq=False)
class PlanRows:
    """plan.csv as columns: position and bin of each leaf (-1 where it has no place), first slot, units by slot.

    ``salts``: of the leaves' place records; None where the file has none, in format 1.
    """

    position: NDArray[np.int64]
    bin: NDArray[np.int64]
    first_slot: Sequence[int | None]
    units: Sequence[tuple[int, ...]]
    salts: Sequence[bytes] | None


def read_certificate(
    contents: Mapping[str, bytes],
    *,
    bins: int,
    others: Sequence[str] = IN_CERTIFICATE,
    form: str = OPEN,
    by_size: bool = False,
) -> dict[str, Any]:
    """Read certificate.json of a draw with so many bins, which states the hashes of the ``others``, in one format.

    ``by_size``: it may hold prices by size besides.

    Raises
    ------
    DamagedFileError
        Its own hash is wrong, a part is not one that it can have, or there is not one price for each bin.
    """
    content = formats.read_json(contents, CERTIFICATE)
    stated = content.pop("sha256", None)
    if stated != formats.digest(formats.write_json(content)):
        raise formats.DamagedFileError(f"{CERTIFICATE}: its own SHA-256 is not right")
    try:
        only_keys(content, ("certificate", "plan", "files"), what="the object")
        check_hashes(content["files"], others)
        _check_stated(only_keys(content["plan"], ("mechanism", "status", *_TOTALS), what="plan"), _TOTALS)
        hashes = HASHES if form == OPEN else ()
        stated = only_keys(content["certificate"], (*_CERTIFICATE, *hashes), what="certificate")
        _check_stated(stated, ("objective", "plan_bound", "bound"))
        for name in hashes:
            formats.hexadecimal(stated[name], 32)
        check_versions(stated["versions"])
        columns = only_keys(stated["columns"], ("prices",), ("by_size",) if by_size else (), what="columns")
        _check_prices(columns["prices"], bins, (1,))
        if "by_size" in columns:
            _check_prices(columns["by_size"], bins, range(1, _MOST_SIZES + 1))
        if stated["format"] != form:
            raise ValueError(f"the format is {formats.shown(stated['format'])}, expected {form}")  # noqa: TRY301
    except ValueError as error:
        raise formats.DamagedFileError(f"{CERTIFICATE}: {error}") from error
    return content


def read_report(contents: Mapping[str, bytes], *, form: str = figures.OPEN) -> dict[str, Any]:
    """Read report.json of a format of its own; raises DamagedFileError."""
    content = formats.read_json(contents, REPORT)
    try:
        only_keys(content, _FIGURES, ("together",), what="the object")
        if content["format"] != form:
            raise ValueError(f"the format is {formats.shown(content['format'])}, expected {form}")  # noqa: TRY301
        _check_numbers(content)
    except ValueError as error:
        raise formats.DamagedFileError(f"{REPORT}: {error}") from error
    return content


def read_seed(contents: Mapping[str, bytes]) -> bytes:
    """Read seed.txt; raises DamagedFileError."""
    content = formats.content_of(contents, SEED)
    if not _SEED.fullmatch(content):
        raise formats.DamagedFileError(f"{SEED}: expected 64 hexadecimal digits and a line end")
    return bytes.fromhex(content.decode())


def read_plan(contents: Mapping[str, bytes], *, most: int | None = None, salted: bool = False) -> PlanRows:
    """Read plan.csv, of at most so many requests, with salts in format 2; raises DamagedFileError with the line.

    A row in its usual spelling is cut by one pattern; any other one is read cell by cell, which says what is wrong.
    """
    columns, match = (SALTED_PLAN, _SALTED_ROW.fullmatch) if salted else (PLAN_COLUMNS, _ROW.fullmatch)
    numbers, first_slots, units, salts = array("q"), list[int | None](), list[tuple[int, ...]](), list[bytes]()
    known: dict[bytes, tuple[int, ...]] = {}
    for number, text in csv_lines(PLAN, formats.content_of(contents, PLAN), columns, most=most):
        found = match(text)
        taken = () if found is None or found[3] is None else known.get(found[5])
        if found is None or taken is None or int(found[1]) != number - 2:
            row, salt = _strictly(number, text, columns)
            if found is not None and found[5] is not None:
                known[found[5]] = row[3]
        else:
            place = (int(found[3]), int(found[4])) if taken else (-1, None)
            row, salt = (int(found[2]), *place, taken), unhexlify(found[6]) if salted else b""
        numbers.extend(row[:2])
        first_slots.append(row[2])
        units.append(row[3])
        salts.append(salt)
    table = np.frombuffer(numbers, np.int64).reshape(-1, 2)
    return PlanRows(
        position=table[:, 0].copy(),
        bin=table[:, 1].copy(),
        first_slot=first_slots,
        units=units,
        salts=salts if salted else None,
    )


def _strictly(number: int, text: bytes, columns: Sequence[str]) -> tuple[_PlanRow, bytes]:
    """Read a row cell by cell, and its salt where it has one; raises DamagedFileError with the line."""
    cells = cells_of(PLAN, number, text, columns)
    try:
        salt = formats.hexadecimal(cells[5], NONCE_BYTES) if len(columns) == len(SALTED_PLAN) else b""
        return _plan_row(number - 2, cells), salt
    except ValueError as error:
        raise formats.DamagedFileError(f"{PLAN}, line {number}: {error}") from error


def _check_numbers(value: object) -> None:
    """Refuse numbers that no figure can be, wherever they stand; ValueError."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _check_numbers(each)
    elif type(value) is int:  # true and false are none
        formats.whole(value, "a figure", 0)
    elif isinstance(value, float) and (value < 0 or formats.shown(value).startswith("-")):
        raise ValueError(f"a figure is {value}")


def _plan_row(number: int, row: Sequence[str]) -> _PlanRow:
    if formats.integer(row[0]) != number:
        raise ValueError("the leaves are not in order")
    position = formats.integer(row[1], most=_MOST_ROWS)
    if not any(row[2:5]):
        return position, -1, None, ()
    units = formats.integers(row[4])
    if not units or not all(units):
        raise ValueError("a party is not whole: it takes no place of a slot")
    return position, formats.integer(row[2], most=_MOST_ROWS), formats.integer(row[3]), units


def _check_stated(stated: Mapping[str, Any], numbers: Sequence[str]) -> None:
    """Refuse what is not a mechanism, a status and these numbers; ValueError."""
    for name in numbers:
        formats.whole(stated[name], name, 0)
    if stated["mechanism"] not in tuple(Mechanism) or stated["status"] not in _STATUS:
        raise ValueError("mechanism or status is not one that a published plan can have")


def _check_prices(column: object, bins: int, each: Sequence[int]) -> None:
    """Refuse a column of prices that is not packed in one way, or not of one of these numbers a bin; ValueError."""
    column = only_keys(column, ("type", "rows", "data"), what="prices")
    rows = formats.whole(column["rows"], "the number of prices", 0)
    if rows not in [many * bins for many in each] or (not rows and len(each) > 1):
        raise ValueError(f"there are {rows} prices for {bins} bins")
    if column["type"] != "<i8" or not isinstance(column["data"], str):
        raise ValueError("prices are not of the type <i8, or without data")
    try:
        data = base64.b64decode(column["data"], validate=True)
        size = sum(map(len, formats.inflated(data, zlib.MAX_WBITS, most=8 * rows, name="prices")))
    except ValueError as error:
        raise ValueError(f"prices: {error}") from error
    if base64.b64encode(data).decode() != column["data"]:
        raise ValueError("prices are packed in another way")
    if size != 8 * rows:
        raise ValueError(f"prices hold {size} bytes for {rows} of them")
