"""How many processors this process may use, which may be fewer than the machine has."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Final

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
