"""What is made of a stored file, made once for as long as it is the same object: a batch asks dozens of times."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Generic, TypeVar

Spec = TypeVar("Spec")
MOST: Final = 256
"""Files of which the checked form is kept; the one that was not asked for longest goes first."""


class Parsed(Generic[Spec]):
    """Reads a part of stored files by a function; a row that is read again has another object, and is checked again.

    Stored files, and what was read of them already, are never changed in place.
    """

    def __init__(self, read: Callable[[Any], Spec]) -> None:
        self._read, self._lock = read, Lock()
        self._kept: OrderedDict[int, tuple[Any, Spec]] = OrderedDict()

    def __call__(self, stored: Any) -> Spec:
        """Return what the function makes of a file; what it raises is raised, and nothing is kept."""
        with self._lock:
            found = self._kept.get(id(stored))
            if found is not None:
                self._kept.move_to_end(id(stored))
                return found[1]
        spec = self._read(stored)
        with self._lock:
            self._kept[id(stored)] = stored, spec  # the file stays, and so no other object gets its id
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return spec
