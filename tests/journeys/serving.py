"""One server for all journeys of a process: starting and stopping one costs more than what some of them do."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.support.waiting import ended


class Serving:
    """A server on a free port, in a thread, and the application that it serves now."""

    def __init__(self, listening: socket.socket) -> None:
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._app: ASGIApp | None = None
        config = uvicorn.Config(self._pass_on, interface="asgi3", lifespan="off", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None, f"{scope['path']} is asked for between two tests"
        await self._app(scope, receive, send)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the server, and stop it in the end."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        try:
            yield
        finally:
            self._server.should_exit = True
            ended(self._thread)

    @contextmanager
    def serving(self, app: ASGIApp) -> Iterator[None]:
        """Serve an application, until each of its requests is answered."""
        self._app = app
        try:
            yield
        finally:
            while self._server.server_state.tasks:
                time.sleep(0.001)
            self._app = None


@contextmanager
def a_server() -> Iterator[Serving]:
    """Return a server that runs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = Serving(listening)
        with server.running():
            yield server
