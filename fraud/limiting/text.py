"""Limits as an analyst writes them: a TOML text, checked, with messages that name the line and the word."""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from fraud.limiting.limits import SUBJECTS, Limit, Policy, PolicyError, check_policy

ACTIONS: Final = (
    *("ask", "hold", "code", "code_warning", "proof", "evidence"),
    *("signin", "second_factor", "register", "prove", "search"),
    *("signin_known", "code_known", "reset", "long_code", "phone_change"),
    *("telephone", "telephone_proof", "wallet"),
)
"""``code_warning`` refuses nobody: it is the part of the budget for codes at which staff are warned."""

HELPER: Final = "helper"
LONGEST_TEXT: Final = 20_000
MOST_LIMITS: Final = 16
"""Limits that one attempt may have to pass: each costs the server a read and a write."""

_UNITS: Final = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_LIMIT: Final = re.compile(r"(\d{1,9}) per (?:(\d{1,9}) )?([a-z]+?)s?")
_TABLE: Final = re.compile(r"\s*\[\s*([\w.\-\"' ]+?)\s*\]")
_KEY: Final = re.compile(r"\s*([\w\-\"']+)\s*=")


@dataclass(frozen=True, slots=True)
class LimitSet:
    """A checked policy; ``version`` names the text that it was written in, by the start of its SHA-256."""

    policy: Policy
    version: str


def parse_limits(source: str, *, older: bool = False) -> LimitSet:
    """Read limits from their text.

    Parameters
    ----------
    older
        The text was written and checked before, perhaps when there were fewer actions: those that it does not name have
        the built-in limits.

    Raises
    ------
    PolicyError
        The text is not a set of limits; the message names the line and the word.
    """
    if len(source) > LONGEST_TEXT:
        raise PolicyError(f"the text has {len(source):,} characters; {LONGEST_TEXT:,} are allowed")
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not TOML: {error}") from None
    except (RecursionError, ValueError):  # the latter for a number of more digits than Python reads
        raise PolicyError("not TOML: values within too many others, or a number of thousands of digits") from None
    lines = _Lines(source)
    for action, table in tables.items():
        if action not in ACTIONS:
            raise lines.error((action,), f"“{action}” is no action{_meant(action, ACTIONS)}")
        if not isinstance(table, dict):
            raise lines.error((action,), f"“{action}” must be a table: [{action}]")
    missing = [action for action in ACTIONS if action not in tables]
    if missing and not older:
        raise PolicyError(f"there is no [{missing[0]}]: every action needs its limits")
    policy = {action: _action(lines, action, table) for action, table in tables.items()}
    policy |= {action: default_limits().policy[action] for action in missing}
    return LimitSet(check_policy(policy), hashlib.sha256(source.encode(errors="replace")).hexdigest()[:12])


@cache
def default_limits() -> LimitSet:
    """Return the limits that hold where nobody has written others."""
    return parse_limits(default_limits_source())


def default_limits_source() -> str:
    """Return the text of the built-in limits."""
    return Path(__file__).with_name("default_limits.toml").read_text(encoding="utf-8")


def _action(lines: "_Lines", action: str, table: dict[str, Any]) -> tuple[Limit, ...]:
    limits = _subjects(lines, (action,), {name: value for name, value in table.items() if name != HELPER})
    if not limits:
        raise lines.error((action,), f"[{action}] limits nothing")
    helpers = table.get(HELPER, {})
    if not isinstance(helpers, dict):
        raise lines.error((action, HELPER), f"“{HELPER}” must be a table: [{action}.{HELPER}]")
    limits += _subjects(lines, (action, HELPER), helpers)
    for helper in (False, True):
        if sum(limit.helper == helper for limit in limits) > MOST_LIMITS:
            raise lines.error((action,), f"[{action}] has more than {MOST_LIMITS} limits")
    return tuple(limits)


def _subjects(lines: "_Lines", where: tuple[str, ...], table: dict[str, Any]) -> list[Limit]:
    limits = []
    for subject, value in table.items():
        path = (*where, subject)
        if subject not in SUBJECTS:
            raise lines.error(path, f"“{subject}” is no subject{_meant(subject, SUBJECTS)}")
        texts = value if isinstance(value, list) else [value]
        if not texts:
            raise lines.error(path, f"{subject} has an empty list: leave the line out where it is not limited")
        seen = set()
        for text in texts:
            try:
                limit = _limit(subject, text, helper=HELPER in where)
            except PolicyError as error:
                raise lines.error(path, str(error)) from None
            if limit.per in seen:
                raise lines.error(path, f"{subject} is limited twice over the same period")
            seen.add(limit.per)
            limits.append(limit)
    return limits


def _limit(subject: str, text: object, *, helper: bool) -> Limit:
    match = _LIMIT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        # One table may hold thousands of others, more than can be written out.
        shown = "a table or a list" if isinstance(text, dict | list) else f"“{text}”"
        raise PolicyError(f"{shown} is no limit; write one as in “30 per hour” or “4 per 15 minutes”")
    count, periods, unit = match.groups()
    if unit not in _UNITS:
        raise PolicyError(f"“{unit}” is no period{_meant(unit, _UNITS)}")
    try:
        per = int(periods or 1) * _UNITS[unit]
    except OverflowError:
        raise PolicyError(f"“{text}” has too long a period") from None
    return Limit(subject, per, int(count), helper)


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


class _Lines:
    """Where each key of a text stands. TOML's parser does not say; a policy's lines are simple enough to look."""

    def __init__(self, source: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(source.splitlines(), start=1):
            if match := _TABLE.match(line):
                table = tuple(part.strip(" \"'") for part in match[1].split("."))
                self._lines.setdefault(table, number)
                self._lines.setdefault(table[:1], number)
            elif match := _KEY.match(line):
                self._lines.setdefault((*table, match[1].strip("\"'")), number)

    def error(self, path: tuple[str, ...], message: str) -> PolicyError:
        """Make an error that names the line of a key, as far as it can be found."""
        line = next((self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), None)
        return PolicyError(message if line is None else f"line {line}: {message}")
