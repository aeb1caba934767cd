"""Work that makes millions of objects and no cycles of them."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: going through a million rows again and again takes two fifths of a draw.

    It is of the whole process, and nothing where nobody looks for them anyway. Afterwards the memory of all that is
    free again goes back to the system, where its allocator can do that: a worker would keep a gigabyte of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        with suppress(AttributeError):  # glibc's alone
            ctypes.CDLL(None).malloc_trim(0)
