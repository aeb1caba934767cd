"""Loops that numpy cannot write as whole columns, compiled to machine code at first use and kept on disk."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function of numpy arrays and numbers; it then runs without the interpreter's lock.

    Integers wrap around on overflow, indices are not checked, and there is no fast-math: callers check ranges
    before, and the result is the same on every machine. Where neither the code's folder nor the user's cache can be
    written to (``NUMBA_CACHE_DIR`` names another one), each process compiles for itself.
    """
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:
        return cast(F, njit(nogil=True)(function))
