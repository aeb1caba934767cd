"""Work that makes millions of objects and no cycles of them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: going through a million rows again and again takes two fifths of a draw.

    It is of the whole process, and nothing where nobody looks for them anyway.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
