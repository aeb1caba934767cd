"""The software that a draw is made with, published beside it."""

import platform
from importlib.metadata import version
from typing import Final

_LIBRARIES: Final = ("mawid", "numpy", "ortools")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that the result depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}
