"""What every place for files can do."""

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

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


class Cause(StrEnum):
    """Why files cannot be had or kept, in words for whoever runs it; none of them names a file."""

    FULL = "full"
    REFUSED = "refused"
    """We may not: rights of the folder, keys or policy of the bucket."""
    SLOW = "slow"
    """No answer in the time that the settings give it."""
    UNREACHABLE = "unreachable"
    """No connection: name, address, certificate, or nothing runs there."""
    NO_BUCKET = "no_bucket"
    LIED = "lied"
    """It said that it kept a file, and then gave back something else, or nothing."""
    BROKEN = "broken"


class FilesAwayError(Exception):
    """The place does not do its part: nothing can be said of the file."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"the place for files does not do its part: {cause}")
        self.cause = cause


class FileMissingError(Exception):
    """The place does its part, and has no such file."""


class MoveRunningError(Exception):
    """Somebody else moves files out of the folder: what one has moved would look removed to the other."""

    def __init__(self) -> None:
        super().__init__("another `mawid files move` is at work on this folder: wait for its end")


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


class FilesMeasured(Collector):
    """Calls by what was asked and how they ended, their seconds, and whether the place does its part."""

    def __init__(self, calls: FileCalls) -> None:
        self._calls = calls

    @override
    def collect(self) -> list[Metric]:
        """Return the counts of this process."""
        counts = self._calls.read()
        calls = CounterMetricFamily(
            "mawid_files_calls",
            "Calls of the place for encrypted files; any outcome but answered and missing failed.",
            labels=["call", "outcome"],
        )
        for (call, outcome), count in counts.ended.items():
            calls.add_metric([call, outcome], count)
        seconds = CounterMetricFamily("mawid_files_seconds", "Seconds that these calls took.", labels=["call"])
        for call, took in counts.seconds.items():
            seconds.add_metric([call], took)
        away = GaugeMetricFamily("mawid_files_away", "1 while the place for encrypted files does not do its part.")
        away.add_metric([], self._calls.state is FilesState.AWAY)
        return [calls, seconds, away]
