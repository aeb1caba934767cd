"""What every place for files can do."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

KEY: Final = re.compile(r"(?:[a-z]+/)?[0-9a-f]{2}/[0-9a-f]{32}-[0-9]{1,5}")
"""A kind of file and two digits as folders, then an id and a number: nothing of a person."""


TRIALS: Final = "tries"
"""The kind of files that are kept on trial."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is there: its key, its size in bytes, and when it was last written, as POSIX time."""

    key: str
    size: int
    changed_at: float


class Files(Protocol):
    """A place for files; whatever it does not do raises FilesAwayError, with the cause."""

    @property
    def where(self) -> str:
        """Where it is, in words for whoever runs it."""

    def put(self, key: str, content: bytes) -> None:
        """Keep a file, whole or not at all; once this returns it is there."""

    def get(self, key: str) -> bytes:
        """Return a file; raises FileMissingError."""

    def head(self, key: str, length: int) -> bytes:
        """Return what a file begins with, ``length`` bytes or all of them; raises FileMissingError."""

    def remove(self, keys: Iterable[str]) -> None:
        """Remove files; those that are gone already are not a mistake."""

    def list(self, kind: str | None = None) -> Iterator[Kept]:
        """Yield the files of a kind ("" for the one without a folder of its own), of all for None."""

    def replace(self, key: str, change: Callable[[bytes], bytes]) -> None:
        """Write what ``change`` makes of a file; one that is removed or written meanwhile stays as it is then."""

    def is_same(self, kept: Kept, copy: Path, digest: str) -> bool:
        """Return whether a copy that was made earlier, with its time and of this SHA-256, is still what is there."""

    def sweep(self, before: float) -> None:
        """Remove what a write left that broke off before a POSIX time."""

    def look(self) -> None:
        """Return where files could be read and kept now; else raise FilesAwayError."""


def new_trial() -> str:
    """Return a key for a file that is kept on trial, and removed at once."""
    name = secrets.token_hex(16)
    return f"{TRIALS}/{name[:2]}/{name}-0"


def is_of(kind: str | None, key: str) -> bool:
    """Return whether a key is one of ours, and of this kind where one is given."""
    return KEY.fullmatch(key) is not None and (
        kind is None or kind == (key.split("/", maxsplit=1)[0] if key.count("/") > 1 else "")
    )
