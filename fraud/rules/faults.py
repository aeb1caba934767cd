"""Where a text of rules is wrong: line and column of each fault, for an editor to point at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fraud.rules.rule_set import RuleError, read_all

_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_AT: Final = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a text of rules.

    ``code`` is the stable word of `fraud.rules.rule_set.RuleError`, ``values`` what a sentence about it needs, ``rule``
    the rule's name ("" for the text as a whole). ``line`` and ``column`` count from 1; 0 where the place is unknown.
    """

    code: str
    rule: str
    line: int
    column: int
    values: Mapping[str, str | int] = field(default_factory=dict)


def find_faults(text: str) -> list[Fault]:
    """List everything that keeps a text from being a rule set, in the order of the text; empty for a sound one.

    TOML that cannot be read gives one fault: what follows it cannot be judged.
    """
    text = text.replace("\r\n", "\n")
    return [_fault(text, error) for error in read_all(text)[1]]


def _fault(text: str, error: RuleError) -> Fault:
    line, column = _place(text, error)
    return Fault(error.code, error.rule or "", line, column, error.values)


def _place(text: str, error: RuleError) -> tuple[int, int]:
    if error.table is None:
        return _place_in_text(text, error)
    found = _table(text, error.table)
    if found is None:
        return 0, 0
    begin, end = found
    key = _key(text, error.part, begin, end)
    if key is None:
        return _line_and_column(text, begin)
    if error.column is not None:
        value = _value(text, key, end)
        return _line_and_column(text, key if value is None else value + error.column - 1)
    return _line_and_column(text, key)


def _place_in_text(text: str, error: RuleError) -> tuple[int, int]:
    at = _AT.search(str(error))
    if at:
        return int(at[1]), int(at[2])
    if error.code == "unreadable":  # tomllib names no place at the end of the text
        return _line_and_column(text, len(text))
    key = _key(text, error.part, 0, len(text))
    return (0, 0) if key is None else _line_and_column(text, key)


def _table(text: str, number: int) -> tuple[int, int] | None:
    """Return where a rule's table begins and ends.

    None where rules are not written as ``[[rule]]``; a saying may itself hold a line that looks like a header, so a
    place is an aid for the eye and nothing depends on it.
    """
    starts = [match.start() for match in _HEADER.finditer(text)]
    if number >= len(starts):
        return None
    return starts[number], (*starts, len(text))[number + 1]


def _key(text: str, part: str, begin: int, end: int) -> int | None:
    """Return where a part such as ``when`` or ``say.ar`` is written; ``say`` where the languages have no lines."""
    for name in (part, part.partition(".")[0]) if part else ():
        written = r"\s*\.\s*".join(rf"[\"']?{re.escape(word)}[\"']?" for word in name.split("."))
        match = re.compile(rf"^[ \t]*\[*[ \t]*({written})", re.MULTILINE).search(text, begin, end)
        if match:
            return match.start(1)
    return None


def _value(text: str, key: int, end: int) -> int | None:
    """Return where the words of a condition begin: its columns count from its first word on, without leading blanks."""
    match = re.compile(r"[^=\n]*=[ \t]*(\"\"\"|'''|\"|')\s*").match(text, key, end)
    return match.end() if match else None


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    offset = min(offset, len(text))
    begin = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - begin + 1
