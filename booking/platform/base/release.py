"""Which release of Mawid this is: its version, and the commit that it was built from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import SecretsSettingsSource
from typing_extensions import override

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


OTHERS: Final = 0o027  # to read, change or run it; a group may read it, as services need


def is_open_to_others(file: Path, prefix: str, fields: dict[str, FieldInfo]) -> bool:
    """Return whether others can read or change a file that sets a secret among these fields."""
    if not file.is_file() or not file.stat().st_mode & OTHERS:
        return False
    secrets = {prefix + name.upper() for name, field in fields.items() if SecretStr in get_args(field.annotation)}
    return any(value and name.upper() in secrets for name, value in dotenv_values(file, interpolate=False).items())


def warn(words: str) -> None:
    """Warn the person who started the command."""
    sys.stderr.write(f"mawid: {words}\n")


def folder_of_secrets(prefix: str) -> Path | None:
    """Return the folder that ``SECRETS_DIR`` of the environment names, where there is one."""
    folder = Path(os.environ.get(f"{prefix}SECRETS_DIR") or os.devnull)
    return folder if folder.is_dir() else None


def names_in(folder: Path | None) -> list[str]:
    """Return the names of the files in a folder of secrets."""
    return [] if folder is None else [file.name for file in folder.iterdir()]


class SecretFiles(SecretsSettingsSource):
    """What the files say; an empty one says nothing, as an empty variable does."""

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        return value or None, key, is_complex


GROUPS: Final = Path("/proc/self/cgroup")
"""Names the control groups of this process."""
MOUNTED: Final = Path("/sys/fs/cgroup")
"""Where they are, each below the one that holds it."""
_ONE: Final[tuple[str, ...]] = ("cpu.max",)
_TWO: Final[tuple[str, ...]] = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
_NO_LIMIT: Final = {"max", "-1"}


def processors() -> int:
    """Return how many threads of compiled code this process can have at work at one moment, at least 1.

    A container that may use the time of two processors on a machine with sixty-four has two: more threads would use up
    that time at once, and then stand still with all others of the container.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([here, *limits(GROUPS, MOUNTED)])


def limits(groups: Path, mounted: Path) -> Iterator[int]:
    """Yield how many processors each control group of this process may use, those that limit nothing left out.

    Both versions of control groups are read. Where there are none, or they cannot be read, nothing is limited by them.
    """
    try:
        lines = groups.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, names = mounted, _ONE
        elif "cpu" in controllers.split(","):
            root, names = mounted / "cpu", _TWO
        else:
            continue
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(root):
                yield from _limit(folder, names)


def _limit(folder: Path, names: tuple[str, ...]) -> Iterator[int]:
    """Yield what a group says; within a container, groups around it are named and are not there."""
    try:
        quota, period = " ".join((folder / name).read_text() for name in names).split()
    except OSError:
        return
    if quota not in _NO_LIMIT:
        yield max(1, ceil(int(quota) / int(period)))
