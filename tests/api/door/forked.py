"""A web server forked from this process: all that it needs is imported already, which takes a new one six seconds."""

import logging
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

import uvicorn

from api.door.wire import BoundedHttp
from tests.api.door import wire_app

PATIENCE = 30.0
"""Seconds after which a server that was told to end is killed."""
_FORK = multiprocessing.get_context("fork")


class _Ends(logging.Handler):
    """Hears the server say that it ends."""

    def __init__(self, ends: Event) -> None:
        super().__init__()
        self._ends = ends

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "Shutting down":
            self._ends.set()


@dataclass(frozen=True)
class Forked:
    """A server in a process of its own, its port, and whether it is ending."""

    process: BaseProcess
    port: int
    ends: Event


@contextmanager
def a_forked_server(http: type[BoundedHttp]) -> Iterator[Forked]:
    """Serve the smallest application by a protocol; the server is told to end afterwards, if it has not been."""
    ends = _FORK.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        port = listening.getsockname()[1]
        process = _FORK.Process(target=_serve, args=(listening, http, ends))
        process.start()
    try:
        yield Forked(process, port, ends)
    finally:
        process.terminate()
        process.join(PATIENCE)
        process.kill()
        process.join()


def _serve(listening: socket.socket, http: type[BoundedHttp], ends: Event) -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(_Ends(ends))
    logger.setLevel(logging.INFO)
    config = uvicorn.Config(
        wire_app.app, http=http, loop="uvloop", ws="none", lifespan="off", proxy_headers=False, log_config=None
    )
    uvicorn.Server(config).run(sockets=[listening])
