"""Workers as processes of their own, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.country import cheap_settings
from tests.root import ROOT

PATIENCE = 120.0  # seconds: a busy machine is no fault
HURRIED = """
from booking import jobs
from booking.base import db
from booking.worker import life
jobs.CONNECTED_WITHIN = 0.5
life.BEAT = 0.2
db._OPTIONS = db._OPTIONS.replace("lock_timeout=5s", "lock_timeout=0")
from booking.cli import main
main()
"""


def a_worker(database_url: str, redis_url: str, *, log: Path | None = None, **settings: str) -> subprocess.Popen[bytes]:
    """Start a worker that waits long for locks and not long for the database; what it says is in ``log``."""
    environment = {
        **os.environ,
        "MAWID_DATABASE_URL": database_url,
        "MAWID_REDIS_URL": redis_url,
        "MAWID_SECRET_KEY": cheap_settings().secret_key.get_secret_value(),
        **settings,
    }
    with (log or Path(os.devnull)).open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", HURRIED, "worker"], cwd=ROOT, env=environment, stdout=said, stderr=said
        )


def eventually(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail where it does not within ``PATIENCE``.

    It is asked less and less often: each time costs a connection, while what is waited for needs the processor too.
    """
    give_up_at, pause = time.monotonic() + PATIENCE, 0.02
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(pause)
        pause = min(1.5 * pause, 0.25)
