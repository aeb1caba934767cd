"""How each kind of value in an entry is spelled, and the words in which another one is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

from booking.platform.base.exact_json import GREATEST
from booking.transparency.log.notes import COSIGNATURE, ED25519, NoteError, read_vkey

Check: TypeAlias = Callable[[Any, str], None]
"""Looks at a value that stands somewhere; raises NoteError with the place."""
FIRST_YEAR: Final = 2000
MOST_LISTED: Final = 4096


def text(pattern: str, words: str) -> Check:
    """Return the check that a value is text of a pattern; ``words`` say what it should be."""
    compiled = re.compile(pattern)

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            raise NoteError(f"{where} is not {words}")

    return check


CODE: Final = text(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", "a code")
HASH: Final = text("[0-9a-f]{64}", "64 lower-case hexadecimal digits")
SIGNATURE: Final = text("[0-9a-f]{96}", "96 lower-case hexadecimal digits")
WORDS: Final = text("[^\x00-\x1f\x7f]{1,200}", "a line of 1 to 200 characters")
WITNESS_NAME: Final = r"[^\x00-\x20\x7f+\s]{1,64}"
"""That of a key for signed notes (C2SP), so without blanks and plus signs."""
NAME: Final = text(WITNESS_NAME, "a name without blanks and pluses")
GROUP_KEY: Final = text("[0-9a-f]{192}", "192 lower-case hexadecimal digits")


def number(least: int, greatest: int = GREATEST) -> Check:
    """Return the check that a value is an integer from ``least`` to ``greatest``."""

    def check(value: Any, where: str) -> None:
        if type(value) is not int or not least <= value <= greatest:
            raise NoteError(f"{where} is not a number from {least} to {greatest}")

    return check


def one_of(*choices: str | None) -> Check:
    """Return the check that a value is one of a few."""

    def check(value: Any, where: str) -> None:
        if not (value is None or isinstance(value, str)) or value not in choices:
            raise NoteError(f"{where} is not {' or '.join(map(str, choices))}")

    return check


def nothing_or(other: Check) -> Check:
    """Return the check that a value is null, or what another check accepts."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            other(value, where)

    return check


def either(first: Check, second: Check) -> Check:
    """Return the check that one of two checks accepts a value; the words are the second one's."""

    def check(value: Any, where: str) -> None:
        try:
            first(value, where)
        except NoteError:
            second(value, where)

    return check


def the_keys(**checks: Check) -> Check:
    """Return the check that a value is an object with exactly these keys, each with its own check."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise NoteError(f"{where} is not an object")
        for key in checks:
            if key not in value:
                raise NoteError(f"{where} lacks the key {key}")
        if len(value) > len(checks):
            raise NoteError(f"{where} has a key that is not known")
        for key, inner in checks.items():
            inner(value[key], f"{where}: {key}")

    return check


def values(key: Check, inner: Check) -> Check:
    """Return the check that a value is an object, all of its keys with one check, all of its values with another."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise NoteError(f"{where} is not an object")
        for name, one in value.items():
            key(name, where)
            inner(one, f"{where}: {name}")

    return check


def a_list(inner: Check) -> Check:
    """Return the check that a value is a list, each value in it with the same check."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list) or len(value) > MOST_LISTED:
            raise NoteError(f"{where} is not a list of at most {MOST_LISTED}")
        for one in value:
            inner(one, where)

    return check


def INSTANT(value: Any, where: str) -> None:  # noqa: N802 - stands among the other checks
    """Check an instant: UTC, to the second, with six further digits only where they are not all zero."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if (
        found is None
        or found.utcoffset() != timedelta(0)
        or found.isoformat() != value
        or not value.endswith("+00:00")
        or found.year < FIRST_YEAR
    ):
        raise NoteError(f"{where} is not an instant")


def DAY(value: Any, where: str) -> None:  # noqa: N802 - stands among the other checks
    """Check a day: YYYY-MM-DD."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.isoformat() != value or found.year < FIRST_YEAR:
        raise NoteError(f"{where} is not a day")


def LOG_KEY(value: Any, where: str) -> None:  # noqa: N802 - stands among the other checks
    """Check a verifier key that signs notes."""
    _vkey(value, where, ED25519)


def WITNESSES(value: Any, where: str) -> None:  # noqa: N802 - stands among the other checks
    """Check a list of witnesses' keys: in order, and no name twice."""
    if not isinstance(value, list) or len(value) > MOST_LISTED:
        raise NoteError(f"{where} is not a list of at most {MOST_LISTED}")
    names = {_vkey(one, where, COSIGNATURE) for one in value}
    if value != sorted(value) or len(names) < len(value):
        raise NoteError(f"{where}: keys are not in their order, or a name stands twice")


def BEACON(value: Any, where: str) -> None:  # noqa: N802 - stands among the other checks
    """Check which beacon a draw uses: a round of drand, or the one signature of a group of witnesses."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _BEACONS:
        raise NoteError(f"{where} is of no known kind")
    _BEACONS[kind](value, where)
    if kind == "witnesses":
        names = value["of"]
        if len(set(names)) < len(names) or value["need"] > len(names):
            raise NoteError(f"{where}: a name stands twice, or there are fewer than needed")


def _vkey(value: Any, where: str, kind: int) -> str:
    try:
        if isinstance(value, str):
            return read_vkey(value, kind=kind).name
    except NoteError as error:
        raise NoteError(f"{where}: {error}") from None
    raise NoteError(f"{where} is not a key")


_BEACONS: Final[Mapping[str, Check]] = {
    "drand": the_keys(
        kind=one_of("drand"),
        chain=HASH,
        key=GROUP_KEY,
        genesis=number(0),
        period=number(1),
        round=number(1),
    ),
    "witnesses": the_keys(kind=one_of("witnesses"), key=GROUP_KEY, need=number(1), of=a_list(NAME)),
}
