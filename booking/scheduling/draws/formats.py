"""Tables and JSON written in one way only, and read back strictly: every other spelling of the same is refused."""

import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final, NoReturn

from booking.platform.base.exact_json import read_line

_LARGEST: Final = {
    "requests.jsonl.gz": 1 << 28,
    "coarse.jsonl.gz": 1 << 28,
    "plan.csv": 1 << 27,
    "bins.csv": 1 << 25,
    "report.json": 1 << 24,
    "certificate.json": 1 << 24,
    "draw.json": 1 << 20,
    "seed.txt": 1 << 10,
    "announcement.json": 1 << 16,
    "statement.json": 1 << 16,
    "result.json": 1 << 16,
    "announcement.tlog-proof": 1 << 16,
    "statement.tlog-proof": 1 << 16,
    "result.tlog-proof": 1 << 16,
    "beacon.json": 1 << 16,
    "audit.json": 1 << 16,
    **dict.fromkeys(("line.csv", "leaves.csv", "turns.csv"), 1 << 29),
    "turns.jsonl.gz": 1 << 28,
}
"""Bytes of each file; more than a draw of two million requests has."""
_FED: Final = 1 << 16
_PIECE: Final = 1 << 20
LARGEST_NUMBER: Final = (1 << 63) - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_DAY: Final = re.compile(r"[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(r"[2-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?\+00:00")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_HEXADECIMAL: Final = re.compile("[0-9a-f]+")
_SHOWN: Final = 60


class DamagedFileError(ValueError):
    """A file of a draw is missing, or not what Mawid writes; the message names the file and the line."""


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return sha256(content).hexdigest()


def lines_in(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield one line after another of a file that comes in pieces; raises as `whole_lines`."""
    for text in whole_lines(pieces, name):
        begin = 0
        while (end := text.find(b"\n", begin)) >= 0:
            yield text[begin:end]
            begin = end + 1


def whole_lines(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the lines of a file that comes in pieces, as many as end in each piece at once, with their line feeds.

    Raises
    ------
    DamagedFileError
        The last line does not end in a line feed, or a line goes on over several pieces.
    """
    rest, number = b"", 1
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b"\n") + 1
        rest = text[end:]
        if end:
            number += text.count(b"\n")
            yield text[:end]
        if len(rest) > max(_FED, len(piece)):
            raise DamagedFileError(f"{name}, line {number}: it is too long")
    if rest:
        raise DamagedFileError(f"{name}, line {number}: it does not end in a line feed")


def line_at(pieces: Iterable[bytes], number: int, name: str) -> bytes:
    """Return line ``number``, from 0 on, of a file that comes in pieces; nothing is read of what follows it.

    Raises
    ------
    DamagedFileError
        The file has fewer lines, or the last one does not end in a line feed.
    """
    before, line = number, b""
    for piece in pieces:
        begin = 0
        if before >= 0:
            ends = piece.count(b"\n")
            if ends < before:
                before -= ends
                continue
            for _ in range(before):
                begin = piece.index(b"\n", begin) + 1
            before = -1  # it has begun
        end = piece.find(b"\n", begin)
        line += piece[begin:] if end < 0 else piece[begin:end]
        if end >= 0:
            return line
    raise DamagedFileError(f"{name}: it has no line {number + 1}")


def inflated(content: bytes, wbits: int, *, most: int, name: str) -> Iterator[bytes]:
    """Inflate piece by piece, since a few bytes may hide gigabytes; raises as `inflated_pieces`."""
    return inflated_pieces((content,), wbits, most=most, name=name)


def inflated_pieces(pieces: Iterable[bytes], wbits: int, *, most: int, name: str) -> Iterator[bytes]:
    """Inflate what comes in pieces; whoever stops before its end has nothing read of what follows.

    Raises
    ------
    DamagedFileError
        It is damaged or cut off, something follows its end, or it holds more than ``most`` bytes.
    """
    inflater = zlib.decompressobj(wbits)
    for fed in (piece[begin : begin + _FED] for piece in pieces for begin in range(0, len(piece), _FED)):
        if inflater.eof:
            raise DamagedFileError(f"{name}: something follows its end")
        rest, more = fed, True
        while more:
            try:
                piece = inflater.decompress(rest, _PIECE)
            except zlib.error as error:
                raise DamagedFileError(f"{name}: {error}") from error
            rest, most = inflater.unconsumed_tail, most - len(piece)
            if most < 0:
                raise DamagedFileError(f"{name}: it holds more than it can")
            yield piece
            more = bool(rest) or len(piece) == _PIECE
    if not inflater.eof or inflater.unused_data:
        raise DamagedFileError(f"{name}: it is cut off, or something follows its end")


def write_json(content: Mapping[str, Any]) -> bytes:
    """Write JSON for people to read: keys sorted, indented, a line end."""
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Read a JSON object that ``write_json`` wrote; raises DamagedFileError."""
    content = content_of(files, name)
    try:
        data = parsed(content)
        same = write_json(data) == content
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    if not same:
        raise DamagedFileError(f"{name}: it is not written as Mawid writes it")
    return data


def read_exact(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Read a JSON object that `booking.platform.base.exact_json.one_line` wrote; raises DamagedFileError."""
    content = content_of(files, name)
    try:
        return read_line(content, most=_LARGEST[name])
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error


def parsed(content: bytes) -> dict[str, Any]:
    """Read a JSON object in UTF-8 without a key that is there twice, and without NaN or Infinity.

    Raises
    ------
    ValueError
        It is something else, or nested too deeply to be read.
    """
    try:
        data = _DECODER.decode(content.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - bad content, not a bad argument type
    return data


def content_of(files: Mapping[str, bytes], name: str) -> bytes:
    """Return a file's content; raises DamagedFileError where it is missing or larger than any draw's."""
    try:
        content = files[name]
    except KeyError:
        raise DamagedFileError(f"{name}: the file is missing") from None
    check_size(name, len(content))
    return content


def check_size(name: str, size: int) -> None:
    """Refuse a file of so many bytes that none of a draw has; raises DamagedFileError."""
    if size > _LARGEST[name]:
        raise DamagedFileError(f"{name}: it is larger than {_LARGEST[name]} bytes")


def words(numbers: Iterable[int]) -> str:
    """Write integers in one field, separated by spaces."""
    return " ".join(map(str, numbers))


def integer(text: str, *, most: int = LARGEST_NUMBER) -> int:
    """Read a number in its one spelling: ASCII digits, no sign, no leading zero.

    Raises
    ------
    ValueError
        It is spelled in another way, or above ``most``.
    """
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise ValueError(f"{shown(text)} is not a number from 0 to {most}")
    return int(text)


def integers(text: str) -> tuple[int, ...]:
    """Read numbers with one space between them from one field, none from an empty one; ValueError as `integer`."""
    return tuple(map(integer, text.split(" "))) if text else ()


def day(text: object) -> date:
    """Read a day, YYYY-MM-DD, from the year 2000 on; ValueError where it is spelled in another way or not a day."""
    return date.fromisoformat(_matching(_DAY, text, "a day"))


def instant(text: object) -> datetime:
    """Read an instant in UTC as `datetime.isoformat` writes it; ValueError where it is spelled in another way."""
    read = datetime.fromisoformat(_matching(_INSTANT, text, "an instant in UTC"))
    if read.astimezone(UTC).isoformat() != text:
        raise ValueError(f"{shown(text)} is not an instant in UTC in its one spelling")
    return read


def code(text: object) -> str:
    """Read the code of an office, service or band; ValueError where a code cannot be that."""
    return _matching(_CODE, text, "a code")


def hexadecimal(text: object, size: int) -> bytes:
    """Read so many bytes from lower-case hexadecimal digits; ValueError where it is something else."""
    if not isinstance(text, str) or len(text) != 2 * size or not _HEXADECIMAL.fullmatch(text):
        raise ValueError(f"{shown(text)} is not {size} bytes in hexadecimal digits")
    return bytes.fromhex(text)


def whole(value: object, name: str, low: int, high: int = LARGEST_NUMBER) -> int:
    """Read a JSON number that must be an integer from ``low`` to ``high``; ValueError where it is anything else."""
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} is {shown(value)}, expected {low} to {high}")
    return value


def only_keys(data: object, needed: Collection[str], optional: Collection[str] = (), *, what: str) -> dict[str, Any]:
    """Return an object that has the keys it needs and no unknown one.

    Raises
    ------
    ValueError
        It is not an object, lacks a key, or has one too many.
    """
    if not isinstance(data, dict):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 - bad content, not a bad argument type
    missing = sorted(set(needed) - data.keys())
    if missing:
        raise ValueError(f"{what} is without {missing[0]}")
    unknown = sorted(data.keys() - set(needed) - set(optional))
    if unknown:
        raise ValueError(f"{what} has the unknown key {shown(unknown[0])}")
    return data


def shown(value: object) -> str:
    """Return what was found in a file, for a message: short, and in ASCII, so that no terminal stumbles over it."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _matching(pattern: re.Pattern[str], text: object, what: str) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(f"{shown(text)} is not {what}")
    return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key is there twice")
    return data


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
