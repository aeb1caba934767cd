"""Files that are either the old ones or the new ones, whenever the power goes; and a folder that one process holds."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from booking.transparency.witness.errors import WitnessError

OWN: Final = 0o600
"""Of what nobody else may read."""
SHOWN: Final = 0o644
_LOCK: Final = "witness.lock"


def write_durably(path: Path, content: bytes, *, mode: int = SHOWN) -> None:
    """Replace a file as a whole, and return once the disk has it."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def add_durably(path: Path, line: str) -> None:
    """Add a line to a file; what a cut in the power left of an earlier one is no line and stays alone."""
    with path.open("ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return once the disk knows the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no second process signs with its key.

    Raises
    ------
    WitnessError
        Another process holds it.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWN)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise WitnessError(f"another witness runs in {folder}") from None
    finally:
        os.close(descriptor)
