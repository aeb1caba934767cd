"""Move files from a folder to another place while people use both; broken off, it goes on where it was."""

from collections.abc import Callable
from dataclasses import dataclass

from booking.platform.files.folder import FolderFiles
from booking.platform.files.place import FileMissingError, Files, Kept


@dataclass(frozen=True, slots=True)
class Moved:
    """How many files were moved, and their bytes."""

    files: int
    bytes: int


def move(old: FolderFiles, new: Files, told: Callable[[Moved], None] = lambda _: None) -> Moved:
    """Move every file; each is removed from the old place once the new one gave back what it was given.

    ``told`` is called after each file with what was moved so far.

    Raises
    ------
    FilesAwayError
        A place does not do its part; every file is in one of them, or in both.
    MoveRunningError
        Another move is at work on the folder; nothing was moved by this one.
    """
    moved = Moved(0, 0)
    with old.moving():
        for one in old.list():
            moved = Moved(moved.files + _move(old, new, one), moved.bytes + one.size)
            told(moved)
    return moved


def _move(old: Files, new: Files, one: Kept) -> int:
    """Move a file; return 0 for one that was removed meanwhile, which is then in neither place."""
    try:
        content = old.get(one.key)
        if not _has(new, one.key, content):
            new.put(one.key, content)
        # Who removes a file does so in the old place first: what is still there now is removed after us, in both.
        old.head(one.key, 1)
    except FileMissingError:
        new.remove([one.key])
        return 0
    old.remove([one.key])
    return 1


def _has(place: Files, key: str, content: bytes) -> bool:
    try:
        return place.get(key) == content
    except FileMissingError:
        return False
