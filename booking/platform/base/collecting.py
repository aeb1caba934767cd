"""Work that makes millions of objects and no cycles of them."""

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

LONG: Final = 1.0
"""Seconds of processor time from which on work left memory behind that is worth giving back."""


class _Switch:
    """Keeps the interpreter from looking for cycles while somebody is inside."""

    def __init__(self) -> None:
        self._lock, self._inside, self._was_on = Lock(), 0, False

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._was_on:
                gc.enable()


_SWITCH: Final = _Switch()


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: going through a million rows again and again takes two fifths of a draw.

    It is of the whole process, until the last of those who wish so at the same time is done, and nothing where nobody
    looks for them anyway. After work of some length the memory of all that is free again goes back to the system, where
    its allocator can do that: a worker would keep a gigabyte of it. After a moment's work there is nothing worth the
    tenth of a second that looking through a large process takes.
    """
    before = time.process_time()
    _SWITCH.enter()
    try:
        yield
    finally:
        _SWITCH.leave()
        if time.process_time() - before > LONG:
            with suppress(AttributeError):  # glibc's alone
                ctypes.CDLL(None).malloc_trim(0)
