"""What runs on the machines that compute: a packed function on a packed piece, if it is the same function there."""

import pickle
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from booking.platform.base.release import read_release

COUNTS: Final = ("numba", "numpy", "ortools", "pandas", "rapidfuzz", "scikit-learn", "scipy")
"""Libraries by whose version a result might differ."""


class OtherSoftwareError(Exception):
    """The machine has another release, or other libraries, than who asks: its results could differ."""


@lru_cache(maxsize=1)
def software() -> tuple[str, ...]:
    """Return all that results may depend on: release, Python, processor's kind and libraries."""
    release = read_release()
    own = release.version, release.revision or "", platform.python_version(), platform.machine()
    return (*own, *(f"{name} {_version(name)}" for name in COUNTS))


def pack(what: object) -> bytes:
    """Write a function or a piece for another machine; the scheduler passes it on and never opens it."""
    return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)


def unpack(packed: bytes) -> Any:
    """Read it there. Only those who have a certificate of this cluster get this far."""
    return pickle.loads(packed)  # noqa: S301 - whoever may send it may run anything there anyway


def done(work: Callable[[Any], Any], packed: bytes, asked_by: tuple[str, ...]) -> tuple[bool, Any]:
    """Do one piece.

    Returns
    -------
    tuple
        Whether it is the result, and the result, or else what the work raised.

    Raises
    ------
    OtherSoftwareError
        Release or libraries differ from those of who asks.
    """
    if software() != asked_by:
        differing = ", ".join(sorted(set(software()) ^ set(asked_by)))
        raise OtherSoftwareError(f"other software: {differing}")
    try:
        return True, work(unpack(packed))
    except Exception as error:  # noqa: BLE001 - raised again by who asked
        return False, error


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
