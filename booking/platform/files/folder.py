"""A folder: on one machine, or shared by several."""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from booking.platform.files.place import Cause, FileMissingError, Files, FilesAwayError, Kept, MoveRunningError, is_of

DRAFT: Final = ".draft"
ANEW: Final = ".anew"
MOVING: Final = ".moving"
"""Locked by whoever moves files out of the folder."""
RESTORING: Final = ".restoring"
"""A file that stands in the folder while a restore fills it."""
LEAST_ROOM: Final = 16 << 20
"""Bytes that must be free: less is full, for what is sent in."""
_CAUSES: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), Cause.FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), Cause.REFUSED),
    errno.ETIMEDOUT: Cause.SLOW,
}


def is_half_restored(folder: Path) -> bool:
    """Return whether a restore into the folder was interrupted."""
    return (folder / RESTORING).exists()


class FolderFiles:
    """Keeps each file under its key, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def put(self, key: str, content: bytes) -> None:
        """Write a file so that it is whole on disk or not there."""
        path = self.folder / key
        with _causes():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(DRAFT)
            _write(draft, content)
            draft.replace(path)

    def get(self, key: str) -> bytes:
        """Return a file; raises FileMissingError."""
        with _causes():
            return (self.folder / key).read_bytes()

    def head(self, key: str, length: int) -> bytes:
        """Return what a file begins with; raises FileMissingError."""
        with _causes(), (self.folder / key).open("rb") as file:
            return file.read(length)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove files."""
        with _causes():
            for key in keys:
                (self.folder / key).unlink(missing_ok=True)

    def list(self, kind: str | None = None) -> Iterator[Kept]:
        """Yield the files that are there; a link is none of ours, as a copy of what it names would be made."""
        with _causes():
            for path in self._paths(kind):
                key = path.relative_to(self.folder).as_posix()
                with suppress(FileNotFoundError):
                    if is_of(kind, key) and stat.S_ISREG((status := path.lstat()).st_mode):
                        yield Kept(key, status.st_size, status.st_mtime)

    def replace(self, key: str, change: Callable[[bytes], bytes]) -> None:
        """Write what ``change`` makes of a file; it keeps its time, by which what belongs to no row is removed."""
        path = self.folder / key
        draft = path.with_suffix(ANEW)
        with suppress(FileMissingError), _causes():
            before = path.stat()
            _write(draft, change(path.read_bytes()))
            try:
                os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
                now = path.stat()
                if (now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns):
                    draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)

    def is_same(self, kept: Kept, copy: Path, digest: str) -> bool:  # noqa: ARG002 - a bucket needs the copy
        """Compare what is in it: times say nothing here, as a file that is sealed anew keeps its own."""
        return sha256(self.get(kept.key)).hexdigest() == digest

    def sweep(self, before: float) -> None:
        """Remove half-written files."""
        with _causes():
            for path in self._paths(None):
                with suppress(FileNotFoundError):
                    if path.suffix in {DRAFT, ANEW} and path.stat().st_mtime < before:
                        path.unlink()

    def look(self) -> None:
        """Look whether the folder, or the nearest one above it that is there, can be written to and has room."""
        with _causes():
            folder = next(one for one in (self.folder, *self.folder.absolute().parents) if one.exists())
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise FilesAwayError(Cause.REFUSED)
            if shutil.disk_usage(folder).free < LEAST_ROOM:
                raise FilesAwayError(Cause.FULL)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Be the only one that moves files out of the folder, on any machine that shares it.

        Raises
        ------
        MoveRunningError
            Somebody else is.
        FilesAwayError
            The folder cannot be written to, or nothing in it can be locked.
        """
        with _causes():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.fdopen(os.open(self.folder / MOVING, os.O_WRONLY | os.O_CREAT, 0o600), "wb")
        with lock:
            with _causes():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise MoveRunningError from None
            yield

    def _paths(self, kind: str | None) -> Iterator[Path]:
        two = "[0-9a-f][0-9a-f]/*"
        patterns = [two, f"[a-z]*/{two}"] if kind is None else [f"{kind}/{two}" if kind else two]
        for pattern in patterns:
            yield from self.folder.glob(pattern)


def _write(draft: Path, content: bytes) -> None:
    """Write a file in full, readable by its owner only."""
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _causes() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissingError from error
    except OSError as error:
        raise FilesAwayError(_CAUSES.get(error.errno or 0, Cause.BROKEN)) from error


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
