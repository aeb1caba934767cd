"""A place for files that is watched: every call is counted, and nobody waits for one that did not answer others."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import structlog

from booking.platform.base.bounded_http import Breaker
from booking.platform.base.clock import SystemClock
from booking.platform.base.settings import SettingsError
from booking.platform.base.settings_servers import FilesSettings
from booking.platform.files.folder import BesideFiles, FolderFiles
from booking.platform.files.place import (
    ANSWERED,
    MISSING,
    TRIALS,
    Cause,
    FileCalls,
    FileMissingError,
    Files,
    FilesAwayError,
    FilesState,
    Kept,
    new_trial,
)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

KNOWN_FOR: Final = 20.0
"""Seconds for which nobody looks again how the place does."""
_TRIAL: Final = 64
"""Bytes of a file that is kept on trial."""
_KEEPING: Final = frozenset({"put", "replace", "try"})
_WAITED_FOR: Final = frozenset({Cause.SLOW, Cause.UNREACHABLE})
"""Causes that keep a caller waiting: after some of them in a row others are refused at once for a while."""


class WatchedFiles:
    """Passes every call on to a place."""

    def __init__(self, place: Files) -> None:
        self.place: Final = place
        self.calls: Final = FileCalls()
        self._breaker = Breaker(SystemClock())
        self._lock = Lock()
        self._known_at = float("-inf")

    @property
    def where(self) -> str:
        """Where the place is."""
        return self.place.where

    def put(self, key: str, content: bytes) -> None:
        """Keep a file."""
        with self._counted("put"):
            self.place.put(key, content)

    def get(self, key: str) -> bytes:
        """Return a file; raises FileMissingError."""
        with self._counted("get"):
            return self.place.get(key)

    def head(self, key: str, length: int) -> bytes:
        """Return what a file begins with; raises FileMissingError."""
        with self._counted("head"):
            return self.place.head(key, length)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove files."""
        with self._counted("remove"):
            self.place.remove(keys)

    def list(self, kind: str | None = None) -> Iterator[Kept]:
        """Yield the files of a kind; what the caller does with each is not counted as time of the place."""
        try:
            yield from self.place.list(kind)
        except FilesAwayError as error:
            self._note(error.cause)
            self.calls.observe("list", error.cause, 0.0)
            raise
        self._note(None)
        self.calls.observe("list", ANSWERED, 0.0)

    def replace(self, key: str, change: Callable[[bytes], bytes]) -> None:
        """Write what ``change`` makes of a file."""
        with self._counted("replace"):
            self.place.replace(key, change)

    def is_same(self, kept: Kept, copy: Path, digest: str) -> bool:
        """Return whether a copy is still the same."""
        with self._counted("is_same"):
            return self.place.is_same(kept, copy, digest)

    def sweep(self, before: float) -> None:
        """Remove what a write left that broke off, and files that were kept on trial by whoever did not end well."""
        with self._counted("sweep"):
            self.place.sweep(before)
            self.place.remove([one.key for one in self.place.list(TRIALS) if one.changed_at < before])

    def look(self) -> None:
        """Look how the place does; raises FilesAwayError."""
        with self._counted("look"):
            self.place.look()

    @property
    def state(self) -> FilesState:
        """How the place did the last time; where that is long ago, it is looked at beside, for who asks next."""
        with self._lock:
            due = time.monotonic() - self._known_at > KNOWN_FOR
            if due:
                self._known_at = time.monotonic()
        if due:
            Thread(target=self._look_beside, name="files", daemon=True).start()
        return self.calls.state

    def _look_beside(self) -> None:
        """Look; where it was away, keep a file on trial: to be seen does not say that anything can be kept again."""
        with suppress(FilesAwayError, FileMissingError):
            if self.calls.state is not FilesState.AWAY:
                self.look()
                return
            key, content = new_trial(), secrets.token_bytes(_TRIAL)
            with self._counted("try"):
                self.place.put(key, content)
                if self.place.get(key) != content:
                    raise FilesAwayError(Cause.LIED)
                self.place.remove([key])

    @contextmanager
    def _counted(self, call: str) -> Iterator[None]:
        if not self._breaker.admits():
            self.calls.observe(call, "not_asked", 0.0)
            raise FilesAwayError(self.calls.cause or Cause.SLOW)
        began, outcome = time.perf_counter(), ANSWERED
        cause: Cause | None = None
        try:
            yield
        except FileMissingError:
            outcome = MISSING
            raise
        except FilesAwayError as error:
            outcome = cause = error.cause
            raise
        finally:
            self.calls.observe(call, outcome, time.perf_counter() - began)
            self._note(cause, keeping=call in _KEEPING)

    def _note(self, cause: Cause | None, *, keeping: bool = False) -> None:
        """Keep how a call ended, and say in the log where that is news: why, and never of which file."""
        self._known_at = time.monotonic()
        if cause in _WAITED_FOR:
            self._breaker.failed()
        else:
            self._breaker.answered()
        if cause is not None:
            if self.calls.failed(cause, keeping=keeping):
                log.error("files_away", cause=cause.value, where=self.where)
        elif self.calls.answered(kept=keeping):
            log.warning("files_back", where=self.where)


def open_files(settings: FilesSettings) -> WatchedFiles:
    """Return the place; nothing is asked of it yet.

    Raises
    ------
    SettingsError
        A bucket is named, and the client is not installed, or the file of who signs its certificate cannot be read.
    """
    folder = FolderFiles(settings.evidence_folder)
    if settings.s3_bucket is None:
        return WatchedFiles(folder)
    bucket = open_bucket(settings)
    return WatchedFiles(BesideFiles(bucket, folder) if settings.s3_beside_folder else bucket)


def open_bucket(settings: FilesSettings) -> Files:
    """Return the bucket of the settings; raises as `open_files`."""
    try:
        from booking.platform.files.bucket import BucketFiles  # noqa: PLC0415 - its client is an extra
    except ImportError:
        raise SettingsError("MAWID_S3_BUCKET needs the client of buckets: pip install 'mawid[s3]'") from None
    try:
        return BucketFiles(settings)
    except (OSError, ValueError) as error:
        raise SettingsError(f"MAWID_S3_CA_FILE cannot be read: {type(error).__name__}") from None
