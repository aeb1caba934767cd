"""Tables and JSON written in one way only, and read back strictly: one changed byte is found."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any


class DamagedFileError(ValueError):
    """A file of a draw is missing, or not what Mawid writes; the message names the file and the line."""


def digest(content: bytes) -> str:
    """Give the SHA-256 of a file, in hexadecimal digits."""
    return sha256(content).hexdigest()


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table with its header; lines end in a line feed on every system."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def read_csv(name: str, content: bytes, columns: Sequence[str]) -> list[list[str]]:
    """Read a table whose header must be ``columns``; raises DamagedFileError."""
    try:
        table = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedFileError(f"{name}: {error}") from error
    if not table or table[0] != list(columns):
        raise DamagedFileError(f"{name}, line 1: expected the columns {', '.join(columns)}")
    short = next((number for number, row in enumerate(table, 1) if len(row) != len(columns)), None)
    if short is not None:
        raise DamagedFileError(f"{name}, line {short}: expected {len(columns)} columns")
    return table[1:]


def write_json(content: Mapping[str, Any]) -> bytes:
    """Write JSON for people to read: keys sorted, indented, a line end."""
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Read a JSON object that ``write_json`` wrote; raises DamagedFileError."""
    content = content_of(files, name)
    try:
        data = json.loads(content)
    except ValueError as error:
        raise DamagedFileError(f"{name}: {error}") from error
    if not isinstance(data, dict) or write_json(data) != content:
        raise DamagedFileError(f"{name}: it is not written as Mawid writes it")
    return data


def content_of(files: Mapping[str, bytes], name: str) -> bytes:
    """Give a file's content; raises DamagedFileError where it is missing."""
    try:
        return files[name]
    except KeyError:
        raise DamagedFileError(f"{name}: the file is missing") from None


def words(numbers: Iterable[int]) -> str:
    """Write integers in one field, separated by spaces."""
    return " ".join(map(str, numbers))


def integers(text: str) -> tuple[int, ...]:
    """Read integers from one field; ValueError where it holds something else."""
    return tuple(map(int, text.split()))
