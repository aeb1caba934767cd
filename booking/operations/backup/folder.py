"""The folder in which backups are made: which is the newest whole one, and whether it was tried."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from booking.operations.backup.manifest import NAME

PART: Final = ".part"
"""Ends the name of a backup that is not whole yet, or never became so."""
VERIFIED: Final = "verified.json"
"""Beside the manifest once the backup was restored on trial and examined."""


@dataclass(frozen=True, slots=True)
class Made:
    """A whole backup: when it was whole, and when a trial restore of it was well (None: never, or not to be seen)."""

    folder: Path
    made_at: datetime
    verified_at: datetime | None


def newest_backup(folder: Path) -> Made | None:
    """Return the newest whole backup in a folder; None where there is none, or the folder cannot be read."""
    return max(list_backups(folder), key=lambda one: one.made_at, default=None)


def list_backups(folder: Path) -> list[Made]:
    """Return the whole backups in a folder, in no order. Nothing in them is opened."""
    made = []
    with suppress(OSError):
        for one in folder.iterdir():
            with suppress(FileNotFoundError, NotADirectoryError):
                made.append(Made(one, _time(_made(one)), _verified(one)))
    return made


def _made(folder: Path) -> float:
    """Return when a backup was whole; raises FileNotFoundError for what is none, or not whole yet.

    Its folder is its owner's alone: whoever may not enter it sees when it got its name, which is the same.
    """
    if folder.suffix == PART:
        raise FileNotFoundError
    try:
        return (folder / NAME).stat().st_mtime
    except PermissionError:
        return folder.stat().st_mtime


def _verified(folder: Path) -> datetime | None:
    with suppress(OSError):
        return _time((folder / VERIFIED).stat().st_mtime)
    return None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def write_for_owner(path: Path, content: str) -> None:
    """Write a text that only its owner can read; raises as `write_bytes_for_owner`."""
    write_bytes_for_owner(path, content.encode())


def write_bytes_for_owner(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; it is on disk when this returns.

    Raises
    ------
    OSError
        It is there already, or cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
