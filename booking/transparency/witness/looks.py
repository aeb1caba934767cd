"""When the log was looked at and how large it was: what a witness knows of time without believing anybody's clock."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from booking.transparency.witness.folder import add_durably

FILE: Final = "looks.txt"


@dataclass(frozen=True, slots=True)
class Growth:
    """Between two looks the log grew: entries from ``before`` on were not there ``since`` and were there ``seen``."""

    since: datetime
    before: int
    seen: datetime
    size: int

    @property
    def line(self) -> str:
        """One line of the file."""
        return f"{self.since.isoformat()} {self.before} {self.seen.isoformat()} {self.size}"


class Looks:
    """All growth that a witness saw, in its folder; and the last look."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._grown = list(_read(self._path))
        self._lock = threading.Lock()
        self._last: tuple[datetime, int] | None = None
        if self._grown:
            self._last = (self._grown[-1].seen, self._grown[-1].size)

    @property
    def last(self) -> datetime | None:
        """When the log was looked at last; None before the first look."""
        return self._last[0] if self._last else None

    def note(self, at: datetime, size: int) -> None:
        """Note how large the log is; it is kept before anything is signed.

        Parameters
        ----------
        at
            Before the log was asked: what it did not show then was not there. Checkpoints that somebody brings say no
            such thing, since they may be old.
        size
            Its entries.
        """
        with self._lock:
            since, before = self._last or (at, 0)
            if size > before:
                self._grown.append(Growth(since, before, at, size))
                add_durably(self._path, self._grown[-1].line)
            self._last = (at, max(size, before))

    def of(self, index: int) -> Growth | None:
        """Return between which looks an entry came; None where it was there at the first look, so nobody knows."""
        found = next((one for one in self._grown if one.before <= index < one.size), None)
        return found if found and found.before else None

    def most_at(self, instant: datetime, *, later: timedelta = timedelta(0)) -> int | None:
        """Return how many entries the log had at most so much later than an instant; None without a look since.

        The instant is the log's word, and may be the calendar's last.
        """
        for one in self._grown:
            if one.since - later >= instant and one.before:
                return one.before
            if one.seen - later >= instant:
                return one.size
        return self._last[1] if self._last and self._last[0] - later >= instant else None


def _read(path: Path) -> Iterator[Growth]:
    """Yield the lines of the file; one that was cut off by a cut in the power was never acted upon."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        try:
            since, before, seen, size = line.split(" ")
            yield Growth(datetime.fromisoformat(since), int(before), datetime.fromisoformat(seen), int(size))
        except ValueError:
            continue
