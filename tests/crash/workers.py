"""Workers as processes of their own."""

import os
import signal
import sys
import warnings
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

from booking import jobs
from booking.cli import main
from booking.operations.worker import life
from booking.platform.base import db
from tests.support.country import cheap_settings


class Worker:
    """`mawid worker` in a process forked from this one: it opens all that it works with, and has loaded all of it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._process = get_context("fork").Process(target=_work, args=(environment, log))
        self._process.start()
        self.kill, self.terminate = self._process.kill, self._process.terminate

    def poll(self) -> int | None:
        """Return the code that it ended with, or None."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait until it has ended, or that long; return the code that it ended with, or None."""
        self._process.join(seconds)
        return self._process.exitcode


def a_worker(database_url: str, redis_url: str, *, log: Path | None = None, **settings: str) -> Worker:
    """Start a worker that waits long for locks and not long for the database; what it says is in ``log``."""
    environment = {
        "MAWID_DATABASE_URL": database_url,
        "MAWID_REDIS_URL": redis_url,
        "MAWID_SECRET_KEY": cheap_settings().secret_key.get_secret_value(),
        **settings,
    }
    return Worker(environment, log or Path(os.devnull))


def _work(environment: Mapping[str, str], log: Path) -> None:
    with log.open("ab") as said:
        for number in (1, 2):
            os.dup2(said.fileno(), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    os.environ.update(environment)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    warnings.resetwarnings()
    jobs.CONNECTED_WITHIN, life.BEAT = 0.5, 0.2
    db._OPTIONS = db._OPTIONS.replace("lock_timeout=5s", "lock_timeout=0")
    sys.argv = ["mawid", "worker"]
    main()
