"""Tests side by side: all are collected once, then processes are forked that take one file after the other.

Starting each process anew, and collecting in each, would cost every one of them fifteen seconds. A forked one has all
that at once, so there may be more of them than processors: tests also wait. Each takes the next file when it has time,
so that none is left with a long rest.
"""

import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

TOGETHER = (
    *({"architecture"}, {"attackers"}, {"figures"}, {"forecast"}, {"format2"}, {"races"}, {"standalone"}),
    {"test_i18n.py", "test_translations.py", "test_words.py"},
)
"""Folders and files that share what takes long to make, each in one process; every other file is for itself."""
MOST_OF_WHY = 300
"""Characters of why a test failed that are shown as it fails; all of it comes at the end of the run."""
_NUMBER = 4
"""Bytes of a number in the pipe."""


class Own:
    """What a process knows about itself; the only one of a run has number 0 too."""

    number = 0
    among = 1


class Queue:
    """Parts of the list of tests, each taken by one process: their numbers, in a pipe from which each reads one."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        parts = defaultdict[object, list[pytest.Item]](list)
        for item in items:
            parts[_together(item.path)].append(item)
        self._parts = list(parts.values())
        self._to_read, to_write = os.pipe()
        with os.fdopen(to_write, "wb") as pipe:  # 16,000 parts fit into it before anybody reads
            pipe.write(b"".join(number.to_bytes(_NUMBER, "big") for number in range(len(self._parts))))

    def take(self) -> list[pytest.Item]:
        """Return the tests of the next part; none where all are taken."""
        number = os.read(self._to_read, _NUMBER)
        return self._parts[int.from_bytes(number, "big")] if number else []

    def all(self) -> Iterator[pytest.Item]:
        """Yield all tests that are left, part by part, each taken when it is needed."""
        while part := self.take():
            yield from part

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._to_read)


class Teller:
    """Tells the first process what happens in this one, as its reporter needs to know it."""

    def __init__(self, config: pytest.Config, to: Connection) -> None:
        self._config = config
        self._to = to

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Say which test begins."""
        self._to.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say how a part of a test went."""
        told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._to.send(("pytest_runtest_logreport", {"report": told}))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Say which test ended."""
        self._to.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))


def run_side_by_side(session: pytest.Session, number: int, folder: Path) -> None:
    """Run all tests of a session in so many processes, and report each as if it had run in this one.

    Each process has its own folder for files of tests in the given one.

    Raises
    ------
    pytest.Session.Failed, pytest.Session.Interrupted
        As many tests failed as the run allows, or it was interrupted.
    """
    queue, fork = Queue(session.items), multiprocessing.get_context("fork")
    processes: dict[Connection, BaseProcess] = {}
    try:
        for index in range(number):
            ours, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=_run, args=(session, queue, index, number, folder, theirs))
            process.start()
            theirs.close()
            processes[ours] = process
        _listen(session, queue, processes)
    finally:
        queue.close()
        for process in processes.values():
            process.terminate()
            process.join()


def _listen(session: pytest.Session, queue: Queue, processes: dict[Connection, BaseProcess]) -> None:
    """Report what processes tell, until each has ended."""
    talking, begun = dict(processes), dict[Connection, dict[str, Any]]()
    while talking:
        for connection in wait(talking):
            assert isinstance(connection, Connection)
            try:
                hook, told = connection.recv()
            except EOFError:
                _report_end(session, talking.pop(connection), begun.get(connection))
            else:
                if hook == "pytest_runtest_logstart":
                    begun[connection] = told
                _report(session.config, hook, told)
        if session.shouldfail or session.shouldstop:
            for _ in queue.all():  # processes end when nothing is left to take
                pass
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def _report(config: pytest.Config, hook: str, told: dict[str, Any]) -> None:
    if "report" in told:
        told = {"report": config.hook.pytest_report_from_serializable(config=config, data=told["report"])}
    getattr(config.hook, hook)(**told)
    if "report" in told:
        _say_at_once(config, told["report"])


def _say_at_once(config: pytest.Config, report: pytest.TestReport) -> None:
    """Name a test as it fails, with a line of why: the run goes on for minutes, and may be ended before its end."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if report.failed and reporter is not None:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = (crash.message if crash is not None else report.longreprtext).strip().partition("\n")[0]
        reporter.write_line(f"\nFAILED {report.nodeid} ({report.when}) - {why[:MOST_OF_WHY]}", red=True)
        reporter.flush()


def _report_end(session: pytest.Session, process: BaseProcess, begun: dict[str, Any] | None) -> None:
    """Report the test in which a process died as failed."""
    process.join()
    if process.exitcode == 0:
        return
    where = begun or {"nodeid": process.name, "location": (process.name, 0, process.name)}
    words = f"{process.name} died with {process.exitcode}; what else it had taken is not run"
    report = pytest.TestReport(where["nodeid"], where["location"], {}, "failed", words, "call")
    session.config.hook.pytest_runtest_logreport(report=report)
    _say_at_once(session.config, report)


def _run(session: pytest.Session, queue: Queue, index: int, number: int, folder: Path, to: Connection) -> None:
    """Run parts as long as there are some; this is a process of its own."""
    config = session.config
    Own.number, Own.among = index, number
    factory = config._tmp_path_factory
    factory._basetemp = folder / f"process-{index}"
    factory._basetemp.mkdir(mode=0o700)
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()  # what was printed would go into the files of all
    capture.start_global_capturing()
    capture.suspend_global_capture()
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(Teller(config, to))
    with suppress(KeyboardInterrupt):
        items = queue.all()
        item = next(items, None)
        while item is not None:
            following = next(items, None)
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = None if session.shouldfail or session.shouldstop else following
    to.close()


def _together(path: Path) -> object:
    return next((number for number, names in enumerate(TOGETHER) if names & {path.name, path.parent.name}), path)
