"""The web processes of a running site: made from one that has loaded everything, and replaced when one is killed."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.races.conftest import PATIENCE, PROCESSES


def words(process):
    return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").replace("\0", " ")


def children(process):
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()]


@pytest.fixture
def made_from(address):
    """The process from which the web processes of the running site are made."""
    [site] = [one for one in children(os.getpid()) if f"--port {httpx.URL(address).port} " in words(one)]
    [found] = [one for one in children(site) if "forkserver" in words(one)]
    return found


def test_every_web_process_is_made_from_one_that_has_loaded_everything(made_from):
    assert "'api.preloaded'" in words(made_from)
    assert len(children(made_from)) == PROCESSES


def test_a_killed_web_process_is_replaced_by_a_new_one_while_the_other_answers(address, made_from):
    killed, *others = children(made_from)

    os.kill(killed, signal.SIGKILL)

    until = time.monotonic() + PATIENCE
    while killed in (now := children(made_from)) or len(now) < PROCESSES:
        assert time.monotonic() < until, "nobody took its place"
        with suppress(httpx.TransportError):  # the one that was killed had taken this call
            assert httpx.get(f"{address}/livez").status_code == 200
    assert set(others) < set(now)
