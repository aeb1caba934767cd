"""Values of the files that witnesses exchange, strictly read; what cannot be is refused in words."""

import re
from collections.abc import Mapping
from typing import Any, Final

from booking.platform.base.exact_json import read_line
from booking.transparency.beacons.errors import BeaconError

MOST_BYTES: Final = 65_536
_LOWER_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")


def read_file(content: bytes, what: str, kind: str, *keys: str) -> dict[str, Any]:
    """Return what a one-line file says: its ``format`` is of a kind, and it has exactly these further keys.

    Raises
    ------
    BeaconError
        It is not such a file; ``what`` begins the words.
    """
    said = _read(content, what)
    if said.get("format") != kind:
        raise BeaconError(f"{what} is not of the format {kind}")
    need_keys(said, what, "format", *keys)
    return said


def read_exactly(content: bytes, what: str, *keys: str) -> dict[str, Any]:
    """Return what a one-line file says that has exactly these keys.

    Raises
    ------
    BeaconError
        It is not such a file; ``what`` begins the words.
    """
    said = _read(content, what)
    need_keys(said, what, *keys)
    return said


def need_keys(said: Any, what: str, *keys: str) -> None:
    """Pass an object with exactly these keys.

    Raises
    ------
    BeaconError
        It is none.
    """
    if not isinstance(said, Mapping) or set(said) != set(keys):
        raise BeaconError(f"{what} does not have exactly the keys {', '.join(sorted(keys))}")


def whole(value: Any, what: str, least: int, most: int) -> int:
    """Return an integer in a range.

    Raises
    ------
    BeaconError
        It is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BeaconError(f"{what} is not an integer from {least} to {most}")
    return value


def hex_bytes(value: Any, what: str, length: int) -> bytes:
    """Return so many bytes, written in lower-case hex digits.

    Raises
    ------
    BeaconError
        They are not.
    """
    if not isinstance(value, str) or len(value) != 2 * length or not _LOWER_HEX.fullmatch(value):
        raise BeaconError(f"{what} is not {length} bytes in lower-case hex digits")
    return bytes.fromhex(value)


def items(value: Any, what: str, number: int) -> list[Any]:
    """Return a list of so many items.

    Raises
    ------
    BeaconError
        It is none.
    """
    if not isinstance(value, list) or len(value) != number:
        raise BeaconError(f"{what} is not a list of {number}")
    return value


def _read(content: bytes, what: str) -> dict[str, Any]:
    try:
        return read_line(content, most=MOST_BYTES)
    except ValueError as error:
        raise BeaconError(f"{what} cannot be read: {error}") from None
