"""Which release of Mawid this is: its version, and the commit that it was built from."""

import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

_REVISION: Final = Path(__file__).parents[2] / "revision.txt"
"""Written where a wheel or an image is built; a checkout asks git instead."""
_DESCRIBE: Final = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


class Release(NamedTuple):
    """The version, and the commit (with ``-dirty`` where files differ from it); None where nobody noted one."""

    version: str
    revision: str | None


def read_release() -> Release:
    """Return the release that runs."""
    return Release(version("mawid"), _noted() or _checked_out())


def _noted() -> str | None:
    try:
        return _REVISION.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def _checked_out() -> str | None:
    root = _REVISION.parents[1]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(_DESCRIBE, cwd=root, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None  # no git, or a checkout of somebody else
    return done.stdout.strip() or None
