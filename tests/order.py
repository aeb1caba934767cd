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
LONGEST = ("test_every_service.py", "test_crash.py", "test_demo.py", "test_any_input.py", "test_authorisation.py")
"""Files that run first, so that no process is left alone with one of them when the others have ended."""
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
    items = sorted(items, key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    part, share = len(items) // processes, min(MEANWHILE, len(items) // processes)
    quick = list(filter(is_quick, items))
    quick.sort(key=_compiles)  # all to the last process: two would compile the same
    begun = quick[: share * max(processes - 2, 0)]
    begun += quick[len(begun) :][-share:] if share and processes > 1 else []
    taken = set(begun)
    rest, found = (item for item in items if item not in taken), []
    for number in range(processes):
        if number:
            found += begun[(number - 1) * share : number * share]
        found += islice(rest, max(part * (number + 1) - len(found), 0))
    return found + list(rest)


def _compiles(item: pytest.Item) -> bool:
    """Return whether a test may be the first to call code that is compiled then, and kept for all others."""
    return "allocation" in item.path.parts
