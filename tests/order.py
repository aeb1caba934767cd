"""In which order tests run: what is long first, and what needs no server where the servers are still being made."""

import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

SERVERS = {"_servers", "browser_path"}
"""Fixtures without which there is no database, no Valkey and no browser."""
LONGEST = ("test_every_service.py", "test_authorisation.py", "test_any_input.py")
"""Files that run first, so that no process is left alone with one of them when the others have ended."""
LAST = ("attacks", "allocation")
"""Folders whose tests draw: they run once ``./run test`` has compiled what they call."""
MEANWHILE = 300
"""Tests without a server that each other process begins with while the first one makes the country that all copy."""


def arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick where only that is asked for; put the rest in order, or shuffle it."""
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if not is_quick(item)])
        items[:] = filter(is_quick, items)
    seed = config.getoption("--shuffle")
    if seed is not None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        files = defaultdict[Path, float](chance.random)
        items.sort(key=lambda item: (files[item.path], chance.random()))
    else:
        meanwhile = _without_server(items, MEANWHILE * (config.getoption("--processes") - 1))
        items.sort(key=lambda item: _when(item.path, meanwhile))


def is_quick(item: pytest.Item) -> bool:
    """Tell by what a test asks for: no server, no browser, nothing long."""
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ())) and item.get_closest_marker("long") is None


def _without_server(items: Sequence[pytest.Item], number: int) -> Collection[Path]:
    """Return the first files of quick tests alone that have so many together."""
    files = defaultdict[Path, list[bool]](list)
    for item in items:
        files[item.path].append(is_quick(item))
    found = set()
    for path, quick in files.items():
        if number > 0 and all(quick) and not _draws(path):
            found.add(path)
            number -= len(quick)
    return found


def _when(path: Path, meanwhile: Collection[Path]) -> int:
    """Tell when a file's turn is: the longest first, then what runs until all can copy the country, then the rest."""
    if path.name in LONGEST[:1]:
        return 0
    if path in meanwhile:
        return 1
    if path.name in LONGEST:
        return 1 + LONGEST.index(path.name)
    return 2 + len(LONGEST) + _draws(path)


def _draws(path: Path) -> bool:
    return not {*LAST}.isdisjoint(path.parts)
