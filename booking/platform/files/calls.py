"""What this process asked of the place for files: how often, how long, with which outcome, and how it does now."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Final

from booking.platform.files.errors import Cause

ANSWERED: Final = "answered"
MISSING: Final = "missing"


class FilesState(StrEnum):
    """What this process knows of the place for files."""

    UNTRIED = "untried"
    ANSWERS = "answers"
    AWAY = "away"
    """It did not do its part the last time that it was asked: what needs a file is refused, and nothing else is."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls by what was asked and how it ended, and the seconds that they took by what was asked."""

    ended: Mapping[tuple[str, str], int]
    seconds: Mapping[str, float]


class FileCalls:
    """Counts that threads share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.state = FilesState.UNTRIED
        self.cause: Cause | None = None
        self._keeps_nothing = False

    def observe(self, call: str, outcome: str, seconds: float) -> None:
        """Count a call."""
        with self._lock:
            self._ended[call, outcome] += 1
            self._seconds[call] += seconds

    def answered(self, *, kept: bool = True) -> bool:
        """Note that the place does its part; return whether it did not before.

        Where it could not keep a file, only a file that was ``kept`` says that it can: a full disk is still read.
        """
        with self._lock:
            if self._keeps_nothing and not kept:
                return False
            was_away, self._keeps_nothing = self.state is FilesState.AWAY, False
            self.state, self.cause = FilesState.ANSWERS, None
            return was_away

    def failed(self, cause: Cause, *, keeping: bool = False) -> bool:
        """Note why it does not do its part, and whether it was to keep a file; return whether that is news."""
        with self._lock:
            is_news = self.cause is not cause
            self._keeps_nothing |= keeping
            self.state, self.cause = FilesState.AWAY, cause
            return is_news

    def read(self) -> Counts:
        """Return a copy of all counts."""
        with self._lock:
            return Counts(dict(self._ended), dict(self._seconds))
