"""The web processes as a command: ``python -m api --host 127.0.0.1 --port 8000 --workers 2``."""

import argparse
import multiprocessing
import sys
from importlib import import_module
from multiprocessing import forkserver
from typing import Final

import uvicorn
from uvicorn import _subprocess as processes

from api.door.web_processes import serve
from booking.platform.base import logs

_LOADED: Final = "api.preloaded"
_SECONDS_TO_ANSWER: Final = 60
"""After which a web process that gives no sign of life is replaced: after the server's own five, a busy machine would
kill processes that work, with the calls they were answering."""


def main() -> None:
    """Serve until told to end; the process that only watches over the others logs as they do.

    The server itself would believe ``X-Forwarded-For`` from this machine; which proxies are trusted is a setting.
    It knows no limit for heads and slow connections either: `api.door.wire` does.

    Several web processes are made from one that has loaded everything (`api.preloaded`): each begins in a moment, also
    one that takes the place of another, and what they have loaded is in memory once. The server would have each load
    all of it by itself. That process is asked nothing else and serves nobody.
    """
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--when-told", action="store_true", help="load, and serve once a line comes on the input")
    given = parser.parse_args()
    if given.workers > 1:
        made_from = multiprocessing.get_context("forkserver")
        made_from.set_forkserver_preload([_LOADED])
        processes.spawn = made_from  # type: ignore[assignment] # it has no setting for that
        forkserver.ensure_running()
    else:
        import_module(_LOADED)
    logs.configure()
    if given.when_told and not sys.stdin.readline():
        sys.exit(1)  # who would have told has ended
    config = uvicorn.Config(
        "api.main:app_from_settings",
        factory=True,
        host=given.host,
        port=given.port,
        workers=given.workers,
        proxy_headers=False,
        loop="api.door.accepting:SharingLoop",
        http="api.door.wire:BoundedHttp",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_worker_healthcheck=_SECONDS_TO_ANSWER,
    )
    serve(config)


if __name__ == "__main__":
    main()
