"""Work that makes millions of objects and no cycles of them."""

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

LONG: Final = 1.0
"""Seconds of processor time from which on work left memory behind that is worth giving back."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: going through a million rows again and again takes two fifths of a draw.

    It is of the whole process, and nothing where nobody looks for them anyway. After work of some length the memory of
    all that is free again goes back to the system, where its allocator can do that: a worker would keep a gigabyte of
    it. After a moment's work there is nothing worth the tenth of a second that looking through a large process takes.
    """
    was_on, before = gc.isenabled(), time.process_time()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        if time.process_time() - before > LONG:
            with suppress(AttributeError):  # glibc's alone
                ctypes.CDLL(None).malloc_trim(0)
