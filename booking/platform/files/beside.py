"""A bucket to which a folder's files are being moved: new ones go there, and what is not there yet is in the folder."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from booking.platform.files.errors import FileMissingError
from booking.platform.files.place import Files, Kept

Answer = TypeVar("Answer")


class BesideFiles:
    """Two places that look like one; whoever removes or replaces a file does so in both."""

    def __init__(self, new: Files, old: Files) -> None:
        self.new: Final = new
        self.old: Final = old

    @property
    def where(self) -> str:
        """Both places."""
        return f"{self.new.where} and {self.old.where}"

    def put(self, key: str, content: bytes) -> None:
        """Keep a file in the new place."""
        self.new.put(key, content)

    def get(self, key: str) -> bytes:
        """Return a file; raises FileMissingError."""
        return self._first(lambda place: place.get(key))

    def head(self, key: str, length: int) -> bytes:
        """Return what a file begins with; raises FileMissingError."""
        return self._first(lambda place: place.head(key, length))

    def remove(self, keys: Iterable[str]) -> None:
        """Remove files from both places, first from the old one: what is moved just now is then removed too."""
        every = list(keys)
        self.old.remove(every)
        self.new.remove(every)

    def list(self, kind: str | None = None) -> Iterator[Kept]:
        """Yield each file once; what is moved meanwhile was seen before it left."""
        seen = set()
        for one in self.old.list(kind):
            seen.add(one.key)
            yield one
        yield from (one for one in self.new.list(kind) if one.key not in seen)

    def replace(self, key: str, change: Callable[[bytes], bytes]) -> None:
        """Replace a file wherever it is."""
        self.new.replace(key, change)
        self.old.replace(key, change)

    def is_same(self, kept: Kept, copy: Path, digest: str) -> bool:
        """Ask the old place, and where it has the file no longer, the new one."""
        try:
            return self.old.is_same(kept, copy, digest)
        except FileMissingError:
            return self.new.is_same(kept, copy, digest)

    def sweep(self, before: float) -> None:
        """Sweep both places."""
        self.new.sweep(before)
        self.old.sweep(before)

    def look(self) -> None:
        """Look at both places."""
        self.new.look()
        self.old.look()

    def _first(self, ask: Callable[[Files], Answer]) -> Answer:
        """Ask the new place, the old one, and once more the new one: the file may have been moved in between."""
        for place in (self.new, self.old):
            with suppress(FileMissingError):
                return ask(place)
        return ask(self.new)
