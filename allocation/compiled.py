"""Loops that numpy cannot write as whole columns, compiled to machine code at first use and kept on disk."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from numba import int8, int16, int32, int64, njit

F = TypeVar("F", bound=Callable[..., object])

PACKAGE: Final = Path(__file__).parent
NARROW: Final[frozenset[Any]] = frozenset({int8, int16, int32})
IMPORT: Final = re.compile(rf"^from {PACKAGE.name}([.\w]*) import ([ ,\w]*)", re.MULTILINE)


def compiled(function: F) -> F:
    """Compile a function of numpy arrays and numbers; it then runs without the interpreter's lock.

    Integers wrap around on overflow, indices are not checked, and there is no fast-math: callers check ranges
    before, and the result is the same on every machine. Where neither the code's folder nor the user's cache can be
    written to (``NUMBA_CACHE_DIR`` names another one), each process compiles for itself.

    What is kept holds the code of the functions that it calls and the constants that it reads, so it is used only
    while all files that these can come from are as they were; numba alone would look at the function's own file.
    """
    made: Any
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    else:
        stamp = digest(Path(function.__code__.co_filename))
        made._cache._cache_file._source_stamp = stamp  # noqa: SLF001 - no other way
    made.get_call_template = partial(_called_widely, made.get_call_template)
    return cast(F, made)


def _called_widely(find: Callable[..., object], types: Sequence[Any], named: Mapping[str, Any]) -> object:
    """Find what another compiled function calls: one machine code for all integers that are no arrays.

    Numba would compile a function once for each constant that it is called with, and again for narrow integers.
    """
    return find([_widened(one) for one in types], {name: _widened(one) for name, one in dict(named).items()})


def _widened(one: Any) -> Any:
    whole = getattr(one, "literal_type", one)
    return int64 if whole in NARROW else whole


def is_kept(function: Callable[..., object]) -> bool:
    """Return whether machine code of a compiled function lies on disk, made from its source as it is now."""
    files = getattr(getattr(function, "_cache", None), "_cache_file", None)
    return bool(files is not None and files._load_index())  # noqa: SLF001 - no other way


@cache
def digest(file: Path) -> str:
    """Return a digest of a file's source and of every file of this package that it imports, directly or not."""
    source = file.read_text(encoding="utf-8")
    found = sha256(source.encode())
    for folder, names in IMPORT.findall(source):
        module = PACKAGE.joinpath(*folder.split("."))
        for below in (module, *(module / name for name in re.findall(r"\w+", names))):
            if below.with_suffix(".py").is_file():
                found.update(digest(below.with_suffix(".py")).encode())
    return found.hexdigest()
