"""Waiting for what happens beside a test: long enough for a busy machine, and not for ever."""

import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from threading import Thread

PATIENCE = 600.0
"""Seconds: a busy machine is no fault."""


def eventually(condition: Callable[[], object], *, what: str = "") -> None:
    """Return once the condition holds; fail where it does not within ``PATIENCE``, and say what did not happen.

    It is asked less and less often: each time costs a connection, while what is waited for needs the processor too.
    """
    give_up_at, pause = time.monotonic() + PATIENCE, 0.005
    while not condition():
        assert time.monotonic() < give_up_at, what or f"it did not happen within {PATIENCE:.0f} seconds"
        time.sleep(pause)
        pause = min(1.5 * pause, 0.25)


def ended(one: Thread | BaseProcess) -> None:
    """Return once a thread or a process has ended; fail where it does not within ``PATIENCE``, and say which."""
    one.join(PATIENCE)
    assert not one.is_alive(), f"{one.name} has not ended within {PATIENCE:.0f} seconds"
