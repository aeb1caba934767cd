"""In which order tests run, and which of them one worker of pytest-xdist runs together."""

from pathlib import Path, PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    *({"architecture"}, {"attackers"}, {"figures"}, {"forecast"}, {"format2"}, {"races"}, {"standalone"}),
    {"test_i18n.py", "test_translations.py", "test_words.py"},
)
"""Names of folders and files whose tests share what is slow to make; every other file is a group of its own."""
FIRST = {"journeys", "crash", "races", "entrypoints"}
"""Folders of the longest files: they begin early, so that no worker is left alone with one."""
LAST = {"allocation", "attacks"}
"""Folders that draw: they begin late, when ``./run test`` has compiled what they call."""


class Scheduling(LoadScopeScheduling):
    """Gives each worker one group of test files after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(PurePosixPath(nodeid.partition("::")[0]))


def group_of(path: PurePosixPath) -> str:
    """Return the name of the group that a test file belongs to."""
    names = {path.name, path.parent.name}
    return next((min(group) for group in TOGETHER if names & group), str(path))


def sort_by_length(items: list[pytest.Item]) -> None:
    """Put files with slow tests first and those that draw last; keep the order otherwise."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: _turn(item.path, slow))


def _turn(path: Path, slow: set[Path]) -> int:
    if not LAST.isdisjoint(path.parts):
        return 3
    if not FIRST.isdisjoint(path.parts):
        return 0
    return 1 if path in slow else 2
