"""In which order tests run: what is long first, and what needs no server where the servers are still being made."""

import os
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

import pytest

from tests.effort import waits_for_the_night
from tests.support.root import ROOT

SERVERS = {"_servers", "browser_path"}
"""Fixtures without which there is no database, no Valkey and no browser."""
TIMES = Path(__file__).with_name("long_files.txt")
"""What files took that take long, in seconds of a process: a run with ``--note-times`` writes it."""
LONG = 3
"""Seconds from which on a file is in it."""
NOT_QUICK = Path(__file__).with_name("not_quick.txt")
"""What the tests of files take that need no server and yet take long, in seconds of a processor; written with it."""
LEAST = 0.7
"""Seconds of a processor from which on a file is in it."""
DRAWING = ("attacks", "allocation")
"""Folders whose tests draw: they begin once ``./run test`` has compiled what they call."""
COMPILED = 120
"""Seconds of each process that what is compiled meanwhile may take."""
PROCESSOR = "processor time"
MEANWHILE = 300
"""Tests without a server that each other process begins with while the first one makes the country that all copy."""


def arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick where only that is asked for, and what waits for the night; put the rest in order."""
    quick = config.getoption("--quick")
    left_out = {item for item in items if waits_for_the_night(item) or (quick and not is_quick(item))}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]
    seed = config.getoption("--shuffle")
    if seed is not None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        files = defaultdict[Path, float](chance.random)
        items.sort(key=lambda item: (files[item.path], chance.random()))
    else:
        processes = config.getoption("--processes")
        turns = turns_of({item.path for item in items}, _without_server(items, MEANWHILE * (processes - 1)), processes)
        items.sort(key=lambda item: turns[item.path])


class Times:
    """What each file takes in this run, on the clock and of a processor, to be written down for the next ones."""

    def __init__(self) -> None:
        self._seconds = defaultdict[str, float](float)
        self._processor = defaultdict[str, float](float)
        self._since = 0.0

    def pytest_runtest_logstart(self) -> None:
        """Begin to count."""
        self._since = _processor_time()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Note what a part of a test took of a processor, in this process and in those that it waited for."""
        report = yield
        now = _processor_time()
        if _asks_for_no_server(item):
            report.user_properties = [(PROCESSOR, now - self._since)]
        self._since = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a part of a test took."""
        path = report.nodeid.partition("::")[0]
        self._seconds[path] += report.duration
        self._processor[path] += dict(report.user_properties).get(PROCESSOR, 0.0)

    def pytest_sessionfinish(self) -> None:
        """Write down the long ones, the longest first."""
        for found, least, path in ((self._seconds, LONG, TIMES), (self._processor, LEAST, NOT_QUICK)):
            long = sorted(((took, name) for name, took in found.items() if took >= least), reverse=True)
            path.write_text("".join(f"{took:.1f} {name}\n" for took, name in long), encoding="utf-8")


def is_quick(item: pytest.Item) -> bool:
    """Tell by what a test asks for: no server, no browser, nothing long."""
    return _asks_for_no_server(item) and item.get_closest_marker("long") is None and item.path not in not_quick()


@cache
def not_quick() -> frozenset[Path]:
    """Read which files have no quick test because of what they took."""
    return frozenset(read_times(NOT_QUICK))


def _asks_for_no_server(item: pytest.Item) -> bool:
    return SERVERS.isdisjoint(getattr(item, "fixturenames", ()))


def _processor_time() -> float:
    took = os.times()
    return took.user + took.system + took.children_user + took.children_system


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


def turns_of(paths: Collection[Path], meanwhile: Collection[Path], processes: int) -> Mapping[Path, int]:
    """Tell when each file's turn is: so that no process is left alone with a long one, the longest come first.

    After the very first one comes what runs until all can copy the country; what draws, once that can be compiled.
    """
    times = read_times()
    longest = sorted(times.keys() & {*paths}, key=lambda path: (-times[path], path))
    early = [*longest[:1], *sorted({*meanwhile} - {*longest[:1]})]
    drawing = [path for path in longest if _draws(path)]
    others = [path for path in longest if path not in {*early, *drawing}]
    before = accumulate((times[path] for path in others), initial=0.0)
    at = sum(seconds < COMPILED * processes for seconds in before)
    late = sorted([*others[at:], *drawing], key=longest.index)
    rest = sorted({*paths} - {*early, *longest}, key=lambda path: (_draws(path), path))
    return {path: turn for turn, path in enumerate([*early, *others[:at], *late, *rest])}


def read_times(written: Path = TIMES) -> dict[Path, float]:
    """Read what long files took."""
    lines = (line.split() for line in written.read_text(encoding="utf-8").splitlines())
    return {ROOT / path: float(seconds) for seconds, path in lines}


def _draws(path: Path) -> bool:
    return not {*DRAWING}.isdisjoint(path.parts)
