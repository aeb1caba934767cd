"""Web processes that die or stand still are replaced, whatever the others do meanwhile."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import pytest

from tests.support.root import ROOT

pytestmark = pytest.mark.slow

FOR_EVER = 1_000_000
AGAIN = re.compile(r"another begins in (\d+) s")
STARTED = re.compile(r"Started server process \[(\d+)\]")


class Site:
    """A command with two web processes, and what it writes."""

    def __init__(self, command: subprocess.Popen[str]) -> None:
        self.command = command

    def started(self) -> int:
        """Wait until one more web process has begun; return its number."""
        for line in self.command.stderr:
            if found := STARTED.search(line):
                return int(found[1])
        raise AssertionError("the command ended")


@contextmanager
def two_processes(patience: int, *serving: str) -> Iterator[Site]:
    command = [sys.executable, "-m", "tests.api.door.two_processes", str(patience), *serving]
    with subprocess.Popen(command, cwd=ROOT, text=True, stderr=subprocess.PIPE, start_new_session=True) as running:
        try:
            yield Site(running)
        finally:
            with suppress(ProcessLookupError):  # none of them is left
                os.killpg(running.pid, signal.SIGKILL)


def test_a_death_is_seen_while_another_process_stands_still():
    with two_processes(FOR_EVER) as site:
        still, dying = site.started(), site.started()
        os.kill(still, signal.SIGSTOP)
        os.kill(dying, signal.SIGKILL)

        assert site.started() not in {still, dying}


def test_a_process_killed_while_it_stands_still_is_replaced():
    with two_processes(FOR_EVER) as site:
        still, _ = site.started(), site.started()
        os.kill(still, signal.SIGSTOP)
        another = site.started
        os.kill(still, signal.SIGKILL)

        assert another() != still


def test_a_process_that_stands_still_for_too_long_is_replaced():
    with two_processes(15) as site:
        still, other = site.started(), site.started()
        os.kill(still, signal.SIGSTOP)

        assert site.started() not in {still, other}


def test_all_processes_end_when_told_to():
    with two_processes(FOR_EVER) as site:
        site.started(), site.started()
        site.command.terminate()

        assert "Stopping parent process" in site.command.stderr.read()
        assert site.command.wait() == 0


def test_those_that_cannot_begin_are_begun_again_ever_later():
    with two_processes(FOR_EVER, "nobody") as site:
        pauses = (found[1] for line in site.command.stderr if (found := AGAIN.search(line)))

        assert list(islice(pauses, 4)) == ["0", "1", "2", "4"]
