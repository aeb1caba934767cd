"""In which order tests run: what is long first, and what needs no server where the servers are still being made."""

import os
import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

SERVERS = {"_servers", "browser_path"}
"""Fixtures without which there is no database, no Valkey and no browser."""
LONGEST = ("test_every_service.py", "test_authorisation.py", "test_any_input.py", "test_demo.py", "test_crash.py")
"""Files that run first, so that no process is left alone with one of them when the others have ended."""
LAST = len(LONGEST) + 1
"""When tests of the engine run: once ``./run test`` has compiled what they call."""
MEANWHILE = 300
"""Tests without a server that each other process begins with while the first one makes the country that all copy."""


def arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick where only that is asked for; put the rest in order, or shuffle it."""
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if not is_quick(item)])
        items[:] = filter(is_quick, items)
    items[:] = _shared_out(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    seed = config.getoption("--shuffle")
    if seed is not None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        files = defaultdict[Path, float](chance.random)
        items.sort(key=lambda item: (files[item.path], chance.random()))


def is_quick(item: pytest.Item) -> bool:
    """Tell by what a test asks for: no server, no browser, nothing long."""
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ())) and item.get_closest_marker("long") is None


def _shared_out(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """Put tests in order for processes that each begin with an equal part, one after the other."""
    items = sorted(items, key=_when)
    part = len(items) // processes
    share = min(MEANWHILE, part)
    quick = [item for item in items if is_quick(item) and _when(item) < LAST][: share * (processes - 1)]
    taken = set(quick)
    rest, found = (item for item in items if item not in taken), []
    for number in range(processes):
        if number:
            found += quick[(number - 1) * share : number * share]
        found += islice(rest, max(part * (number + 1) - len(found), 0))
    return found + list(rest)


def _when(item: pytest.Item) -> int:
    """Tell whether a test is among the first or the last."""
    if item.path.name in LONGEST:
        return LONGEST.index(item.path.name)
    return LAST if "allocation" in item.path.parts else LAST - 1
