"""A question over HTTP to somebody who may be slow, broken or hostile: bounded in time and size, never repeated.

Connections whose answers come whole within some seconds, however slowly the other side sends each byte of them.

The time-outs of sockets are for one byte: a gateway that sends one every few seconds would hold a sender for hours.
"""

import asyncio
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from requests.adapters import HTTPAdapter
from typing_extensions import Buffer, override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from booking.platform.base.clock import Clock

if TYPE_CHECKING:
    import httpx2


CONNECT_WITHIN: Final = 3.0
WITHIN: Final = 6.0
"""Seconds from the question to the answer's whole end."""


class CallError(Exception):
    """There is no answer, or one that is too long; the message says which, and names no address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the whole body."""

    status: int
    body: bytes


def get(url: str, *, most: int, within: float = WITHIN) -> Answer:
    """Return the answer to a GET; ``most`` in bytes, ``within`` in seconds.

    Raises
    ------
    CallError
        There is none in time, or a longer one.
    """
    return asyncio.run(_call("GET", url, None, most, within))


def post(url: str, body: bytes, *, most: int, within: float = WITHIN) -> Answer:
    """Return the answer to a POST; ``most`` in bytes, ``within`` in seconds.

    Raises
    ------
    CallError
        There is none in time, or a longer one.
    """
    return asyncio.run(_call("POST", url, body, most, within))


def get_over(client: "httpx2.Client", url: str, *, most: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer to a GET over a connection that is kept; ``most`` in bytes, as they come over the line.

    Parameters
    ----------
    client
        Follows no redirects, and has the patience of who asks.

    Raises
    ------
    CallError
        There is none, or a longer one.
    """
    import httpx2  # noqa: PLC0415 - as below

    try:
        with client.stream("GET", url, headers={"accept-encoding": "identity", **(headers or {})}) as answer:
            content = bytearray()
            for part in answer.iter_raw():
                content += part
                if len(content) > most:
                    raise CallError(_too_long(most))
            return Answer(answer.status_code, bytes(content))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise CallError(f"no connection ({type(error).__name__})") from None


async def _call(method: str, url: str, body: bytes | None, most: int, within: float) -> Answer:
    # The client takes a tenth of a second to import, which a process that asks nobody need not spend.
    import httpx2  # noqa: PLC0415 - see above

    try:
        async with (
            asyncio.timeout(within),
            httpx2.AsyncClient(
                verify=ssl.create_default_context(),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx2.Timeout(within, connect=CONNECT_WITHIN),
                headers={"accept-encoding": "identity", "user-agent": "mawid"},
            ) as client,
            client.stream(method, url, content=body) as answer,
        ):
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > most:
                    raise CallError(_too_long(most))
            return Answer(answer.status_code, bytes(content))
    except (TimeoutError, httpx2.TimeoutException):
        raise CallError("no answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
        raise CallError(f"no connection ({type(error).__name__})") from None


def _too_long(most: int) -> str:
    return f"the answer is too long: it has more than {most} bytes"


FAILURES: Final = 5
"""In a row, until it is left alone."""
REST: Final = timedelta(seconds=10)
"""How long it is left alone, and how long a caller who tries it may take before another one does."""


class Breaker:
    """Counts failures of one process, shared by its threads.

    Closed: everyone may ask. After `FAILURES` in a row it opens: nobody may, for `REST`. Then one caller tries, and its
    outcome closes the breaker or opens it again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._failures = 0
        self._rests_since: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last that is known is that nobody answers."""
        return self._rests_since is not None

    def admits(self) -> bool:
        """Return whether this caller may ask; who may must tell `answered` or `failed`."""
        now = self._clock.now()
        with self._lock:
            if self._rests_since is None:
                return True
            if self._rests_since <= now < self._rests_since + REST:  # a clock that was set back ends the rest
                return False
            self._rests_since = now
            return True

    def answered(self) -> None:
        """Close it: somebody answers."""
        with self._lock:
            self._failures, self._rests_since = 0, None

    def failed(self) -> bool:
        """Count a failure; return whether this one opened it."""
        now = self._clock.now()
        with self._lock:
            self._failures += 1
            if self._failures < FAILURES:
                return False
            opened, self._rests_since = self._rests_since is None, now
            return opened


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
