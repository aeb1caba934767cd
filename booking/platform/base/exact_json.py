"""JSON that can be written in one way only, so that a hash over it means one thing."""

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

GREATEST: Final = 2**63 - 1
"""The largest integer."""
_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(columns: dict[str, Any]) -> bytes:
    """Write JSON in one way only: keys sorted, no spaces, UTF-8. Integers and text only, so it is exact."""
    return _ENCODER.encode(columns).encode()


def read_canonical(content: bytes) -> dict[str, Any]:
    """Read an object that `canonical` wrote.

    Raises
    ------
    ValueError
        It is no JSON, no object, or written in another way; the message says which.
    """
    try:
        value = json.loads(
            content.decode(),
            object_pairs_hook=without_repetition,
            parse_int=_small_integer,
            parse_float=_refuse("a number is not an integer"),
            parse_constant=_refuse("a number is not an integer"),
        )
        same = isinstance(value, dict) and canonical(value) == content
    except UnicodeError:
        raise ValueError("the text is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("this is not JSON") from None
    except RecursionError:
        raise ValueError("values are nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("this is not a JSON object")  # noqa: TRY004 - of what was read, not of what was passed
    if not same:
        raise ValueError("the JSON is not written in the exact form (sorted keys, no blanks, nothing escaped)")
    return value


def one_line(columns: dict[str, Any]) -> bytes:
    """Write exact JSON as a file: one line with its line feed."""
    return canonical(columns) + b"\n"


def read_line(content: bytes, *, most: int) -> dict[str, Any]:
    """Read a file that `one_line` wrote, of so many bytes at most.

    Raises
    ------
    ValueError
        It is longer, does not end with a line feed, or what stands before that is not exact JSON.
    """
    if len(content) > most:
        raise ValueError(f"it has more than {most} bytes")
    if not content.endswith(b"\n"):
        raise ValueError("it does not end with a line feed")
    return read_canonical(content[:-1])


def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of what was read; raises ValueError for a name that comes twice, one of whose values would go."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _small_integer(digits: str) -> int:
    if len(digits) > len(str(GREATEST)) + 1 or not -GREATEST <= int(digits) <= GREATEST:
        raise ValueError("a number is too large")
    return int(digits)


def _refuse(words: str) -> Callable[[str], NoReturn]:
    def refuse(_: str) -> NoReturn:
        raise ValueError(words)

    return refuse
