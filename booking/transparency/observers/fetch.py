"""An observer's side: every file of a draw, fetched with signed calls into a folder."""

import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx2

from booking.platform.base.bounded_http import Answer, CallError, get_over
from booking.transparency.observers.keys import ObserverKey

LARGEST: Final = 256 << 20
"""Bytes of a file; none of a draw is larger."""
MOST_FILES: Final = 40
_PATIENCE: Final = httpx2.Timeout(60.0, connect=15.0)
_LARGEST_ANSWER: Final = 1 << 20
_SHOWN: Final = 300


class FetchError(Exception):
    """The office did not give a file; the message says why, in its words where it has any."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an office's pages begin, and the key of who reads there."""

    url: str
    key: ObserverKey
    language: str = "en"
    """In which refusals are asked for."""
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=_PATIENCE, follow_redirects=False))
    now: Callable[[], float] = time.time

    def address(self, path: str) -> str:
        """Return a whole address, as it is signed."""
        return f"{self.url.rstrip('/')}{path}"


def fetch_draw(source: Source, reference: str, folder: Path, *, closed: Collection[str], since: str) -> Iterator[str]:
    """Write every file of a draw into a folder, those for everyone and those for observers, and yield a line for each.

    Each file is whole or not there.

    Parameters
    ----------
    closed
        Names of what observers read and others do not.
    since
        A file that draws have since there are observers; of the earlier ones all files are for everyone.

    Raises
    ------
    FetchError
        The office cannot be reached, or refuses, or names files that no draw has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with source.client:
        listed = _names(source, reference)
        below = dict.fromkeys(listed, f"/api/v1/draws/{reference}/files")
        if since in listed:
            below |= dict.fromkeys(closed, f"/api/v1/observers/draws/{reference}/files")
        for name, where in below.items():
            content = _call(source, f"{where}/{name}", signed=name in closed)
            beside = folder / f"{name}.part"
            beside.write_bytes(content)
            beside.replace(folder / name)
            yield f"{sha256(content).hexdigest()}  {name}"


def _names(source: Source, reference: str) -> list[str]:
    """Return the names of the files for everyone, none of which may leave the folder."""
    answer: Any = _call(source, f"/api/v1/draws/{reference}", signed=False, most=_LARGEST_ANSWER)
    try:
        names = [str(file["name"]) for file in json.loads(answer)["files"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FetchError("the office's list of files cannot be read") from None
    if len(names) > MOST_FILES or any(Path(name).name != name or name.startswith(".") for name in names):
        raise FetchError("the office names files that no draw has")
    if not names:
        raise FetchError(f"the draw {reference} is not published yet")
    return names


def _call(source: Source, path: str, *, signed: bool, most: int = LARGEST) -> bytes:
    address = source.address(path)
    headers = {"accept-language": source.language}
    if signed:
        headers["authorization"] = source.key.sign(method="GET", address=address, at=int(source.now()))
    try:
        answer = get_over(source.client, address, most=most, headers=headers)
    except CallError as error:
        raise FetchError(f"{address}: {error}") from None
    if answer.status != httpx2.codes.OK:
        raise FetchError(f"{path}: {answer.status} {_words(answer)}")
    return answer.body


def _words(answer: Answer) -> str:
    """Return what a refusal says, in one printable line."""
    try:
        problem = json.loads(answer.body)
        words = f"{problem['title']}. {problem['detail']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        words = httpx2.codes.get_reason_phrase(answer.status)
    return "".join(c if c.isprintable() else " " for c in words)[:_SHOWN]
