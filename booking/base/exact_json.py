"""JSON that can be written in one way only, and is read in no other: for everything that is hashed or signed."""

import json
import re
from typing import Any, Final

DEEPEST: Final = 8
"""Objects and lists inside each other."""

_LARGEST: Final = 2**53 - 1
"""An integer that every reader of JSON understands alike (RFC 8259, section 6)."""

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class ExactJsonError(ValueError):
    """Bytes are not exact JSON; the message says why."""


def canonical(value: Any) -> bytes:
    """Write JSON in one way only: keys sorted, no spaces, UTF-8. Integers and text only, so it is exact."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def one_line(value: Any) -> bytes:
    """Write exact JSON as a file: one line with its line feed."""
    return canonical(value) + b"\n"


def read_object(content: bytes, *, most: int) -> dict[str, Any]:
    """Read an object that is exact JSON.

    Parameters
    ----------
    content
        The bytes, without a line feed behind them.
    most
        The most bytes that are looked at.

    Raises
    ------
    ExactJsonError
        It is longer, no object, or not what `canonical` would have written.
    """
    if len(content) > most:
        raise ExactJsonError(f"it has {len(content)} bytes, more than {most}")
    if _depth(content) > DEEPEST:
        raise ExactJsonError(f"it is nested deeper than {DEEPEST}")
    try:
        value = json.loads(content.decode(), parse_float=_refuse, parse_constant=_refuse)
        again = canonical(value)
    except UnicodeError:
        raise ExactJsonError("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ExactJsonError(f"it is not JSON: {error.msg} at byte {error.pos}") from None
    except ValueError as error:  # a number of more digits than Python reads, or one that is not whole
        raise ExactJsonError(f"it has an unusable number: {error}"[:120]) from None
    if not isinstance(value, dict):
        raise ExactJsonError("it is not an object")
    if again != content:
        raise ExactJsonError("it is not written in the one exact way: sorted keys, each once, no blanks")
    _refuse_large(value)
    return value


def read_line(content: bytes, *, most: int) -> dict[str, Any]:
    """Read a file of one line: an object as exact JSON and a line feed.

    Raises
    ------
    ExactJsonError
        It is not one line, or raised as by `read_object`.
    """
    if not content.endswith(b"\n"):
        raise ExactJsonError("it does not end with a line feed")
    return read_object(content[:-1], most=most)


def _refuse(text: str) -> None:
    raise ValueError(f"{text[:20]} is not an integer")


def _depth(content: bytes) -> int:
    """Return how deep objects and lists stand in each other."""
    deepest = now = 0
    for byte in _STRING.sub(b"", content):
        if byte in b"[{":
            now += 1
            deepest = max(deepest, now)
        elif byte in b"]}":
            now -= 1
    return deepest


def _refuse_large(value: Any) -> None:
    if isinstance(value, dict):
        for one in value.values():
            _refuse_large(one)
    elif isinstance(value, list):
        for one in value:
            _refuse_large(one)
    elif isinstance(value, int) and abs(value) > _LARGEST:
        raise ExactJsonError("it has an integer over 2^53 - 1")
