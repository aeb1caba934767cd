"""Tables as files of a draw: a header, lines of cells between commas, nothing quoted."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from allocation.generation import FIRST_GENERATION, NEWEST_GENERATION, SECOND_GENERATION
from allocation.problem import NEUTRAL
from booking.scheduling.draws.formats import (
    DamagedFileError,
    code,
    day,
    hexadecimal,
    instant,
    integer,
    lines_in,
    only_keys,
    shown,
    whole,
)
from booking.scheduling.draws.leaf import MOST_UNITS

_NOT_IN_A_TABLE: Final = re.compile(r'["\x00-\x09\x0b-\x1f\x7f]')


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table with its header; lines end in a line feed on every system."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def read_csv(name: str, content: bytes, columns: Sequence[str], *, most: int | None = None) -> list[list[str]]:
    """Read a table whose header must be ``columns``, and in which nothing is quoted.

    Raises
    ------
    DamagedFileError
        It is another table, is written in another way, or has more than ``most`` rows; raised at the first such line.
    """
    return [cells_of(name, number, line, columns) for number, line in csv_lines(name, content, columns, most=most)]


def csv_lines(
    name: str, content: bytes, columns: Sequence[str], *, most: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a table below its header, which must be ``columns``, with their numbers from 2 on.

    Raises
    ------
    DamagedFileError
        It is another table, or has more than ``most`` rows.
    """
    lines = lines_in([content], name)
    if next(lines, None) != ",".join(columns).encode():
        raise DamagedFileError(f"{name}, line 1: expected the columns {', '.join(columns)}")
    for number, line in enumerate(lines, 2):
        if number - 2 == most:
            raise DamagedFileError(f"{name}, line {number}: there are more than {most} rows")
        yield number, line


def cells_of(name: str, number: int, line: bytes, columns: Sequence[str]) -> list[str]:
    """Read the cells of a line of a table, in which nothing is quoted; raises DamagedFileError."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{name}, line {number}: {error}") from error
    row = text.split(",", len(columns))
    if len(row) != len(columns):
        raise DamagedFileError(f"{name}, line {number}: expected {len(columns)} columns")
    if _NOT_IN_A_TABLE.search(text):
        raise DamagedFileError(f"{name}, line {number}: there is a quotation mark or a control character")
    return row


FORMAT: Final = "mawid-draw-1"
LARGEST_COMPENSATION: Final = 32767
LONGEST_SOLVING: Final = 3600
"""Seconds; drawing again must come to an end."""
LONGEST_HORIZON: Final = timedelta(days=366)
VERSIONS: Final = ("mawid", "numpy", "ortools", "python")
_GENERATIONS: Final = {
    **dict.fromkeys((FORMAT, "mawid-draw-2", "mawid-draw-3"), FIRST_GENERATION),
    "mawid-draw-4": SECOND_GENERATION,
}
"""Of plans, by the format of a draw."""
_HASH: Final = 32
_MECHANISMS: Final = ("exchange", "in-line-order")
_RULES: Final = ("even", "policy")
_FILES: Final = ("bins.csv", "requests.jsonl.gz")
_NEEDED: Final = (
    *("format", "reference", "opens_at", "closes_at", "closed_at", "horizon_first", "horizon_last"),
    *(
        "confirm_seconds",
        "seed_commitment",
        "root",
        "requests",
        "policy_version",
        "solver_seconds",
        "versions",
        "files",
    ),
)
_OPTIONAL: Final = ("mechanism", "compensation", "compensation_rule")


def check_facts(facts: Mapping[str, Any]) -> None:
    """Refuse what draw.json cannot say.

    Raises
    ------
    ValueError
        A key is missing or unknown, a value is not allowed or spelled in another way, or two contradict each other.
    """
    if facts.get("format") != FORMAT:
        raise ValueError(f"the format is {shown(facts.get('format'))}, expected {FORMAT}")
    only_keys(facts, _NEEDED, _OPTIONAL, what="the object")
    code(facts["reference"])
    opens, closes, closed = (instant(facts[name]) for name in ("opens_at", "closes_at", "closed_at"))
    first, last = day(facts["horizon_first"]), day(facts["horizon_last"])
    if not opens < closes <= closed or not closes.date() <= first <= last or last - first > LONGEST_HORIZON:
        raise ValueError("its times and days do not follow each other")
    whole(facts["confirm_seconds"], "confirm_seconds", 0)
    whole(facts["requests"], "requests", 0)
    whole(facts["solver_seconds"], "solver_seconds", 1, LONGEST_SOLVING)
    if facts["policy_version"] is not None:
        whole(facts["policy_version"], "policy_version", 0)
    for name in ("seed_commitment", "root"):
        hexadecimal(facts[name], _HASH)
    check_hashes(facts["files"], _FILES)
    check_versions(facts["versions"])
    if facts.get("mechanism", _MECHANISMS[0]) not in _MECHANISMS:
        raise ValueError(f"no draw is made by the mechanism {shown(facts['mechanism'])}")
    _check_compensation(facts)


def check_hashes(data: object, names: Sequence[str]) -> None:
    """Refuse what is not a SHA-256 for each of these files and no other; ValueError."""
    for value in only_keys(data, names, what="files").values():
        hexadecimal(value, _HASH)


def check_versions(data: object) -> None:
    """Refuse what does not name the version of each library; ValueError."""
    for value in only_keys(data, VERSIONS, what="versions").values():
        code(value)


def _check_compensation(facts: Mapping[str, Any]) -> None:
    if facts.get("compensation_rule", _RULES[0]) not in _RULES or (
        "compensation_rule" in facts and "compensation" not in facts
    ):
        raise ValueError("compensation_rule is not a rule, or without what it gave")
    compensation = facts.get("compensation", {})
    for units in only_keys(compensation, (), compensation, what="compensation"):
        if not integer(units, most=MOST_UNITS):
            raise ValueError("compensation is for 0 units")
        whole(compensation[units], f"compensation for {units} units", NEUTRAL, LARGEST_COMPENSATION)


def generation_of(facts: Mapping[str, Any]) -> int:
    """Return by which generation of plans a draw in its format is made; one that is only tried, by the newest."""
    return _GENERATIONS.get(facts.get("format", ""), NEWEST_GENERATION)


def hidden(facts: Mapping[str, Any]) -> bool:
    """Return whether requests and plan are for observers alone, as in every format but the first."""
    return bool(facts.get("format", FORMAT) != FORMAT)
