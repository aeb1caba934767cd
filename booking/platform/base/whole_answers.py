"""Connections whose answers come whole within some seconds, however slowly the other side sends each byte of them.

The time-outs of sockets are for one byte: a gateway that sends one every few seconds would hold a sender for hours.
"""

import io
import socket
import time
from typing import Any, Final

from requests.adapters import HTTPAdapter
from typing_extensions import Buffer, override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

WHOLE_SECONDS: Final = 20.0


class WholeAnswers(HTTPAdapter):
    """Makes such connections, also by a proxy."""

    @override
    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    @override
    def proxy_manager_for(self, *args: Any, **named: Any) -> Any:
        """Return the pools of connections by a proxy."""
        manager = super().proxy_manager_for(*args, **named)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Reader(io.RawIOBase):
    """Reads one answer from a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._raw = connection, connection.makefile("rb", buffering=0)
        self._until, self._usual = time.monotonic() + WHOLE_SECONDS, connection.gettimeout() or WHOLE_SECONDS

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Buffer, /) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, self._usual))
        return self._raw.readinto(buffer)

    @override
    def close(self) -> None:
        self._raw.close()
        super().close()


class _Connection:
    """A socket of which each answer is read by a `_Reader`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Begin to read an answer."""
        return io.BufferedReader(_Reader(self._connection))


class _Whole(HTTPConnection):
    """Sends a call at once, head and body; else each is a packet of its own, for which the other side wakes up."""

    _held: list[Any] | None = None

    @override
    def connect(self) -> None:
        super().connect()
        self.sock: Any = _Connection(self.sock)

    @override
    def request(self, *args: Any, **named: Any) -> None:
        self._held = []
        try:
            super().request(*args, **named)
            held = b"".join(self._held)
        finally:
            self._held = None
        self.send(held)

    @override
    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class _WholeByTls(_Whole, HTTPSConnection):
    """The same by TLS."""


class HttpPool(HTTPConnectionPool):
    """Makes such connections without TLS."""

    ConnectionCls = _Whole


class HttpsPool(HTTPSConnectionPool):
    """Makes such connections with TLS."""

    ConnectionCls = _WholeByTls


_POOLS: Final = {"http": HttpPool, "https": HttpsPool}
