"""A witness of the demonstration as a process: it has its folder, and asks for the log over a pipe. No database."""

import signal
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from booking.platform.base.clock import SettableClock
from booking.transparency.witness.folder import Folder
from booking.transparency.witness.line import Answer
from booking.transparency.witness.watch import Watch


class PipeLine:
    """The line to the log, where the log is at the other end of a pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, path: str) -> Answer:
        """Return what the log shows at a path."""
        return self._ask(("get", path, b""))

    def post(self, path: str, body: bytes) -> Answer:
        """Bring something to the log."""
        return self._ask(("post", path, body))

    def _ask(self, question: tuple[str, str, bytes]) -> Answer:
        self._connection.send(question)
        answer: Answer = self._connection.recv()
        return answer


def work(connection: Connection, folder: Path) -> None:
    """Look at the log each time that the director says what time it is, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the director, who then closes the pipe
    clock = SettableClock(datetime.min.replace(tzinfo=UTC))
    watch: Watch | None = None
    while True:
        try:
            clock.set(connection.recv())
            if watch is None:
                watch = Watch(Folder.open(folder), PipeLine(connection), clock)
            connection.send(("done", "\n".join(one.line("en") for one in watch.look()), b""))
        except (EOFError, BrokenPipeError):
            return
