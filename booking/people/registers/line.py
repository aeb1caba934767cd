"""A line to one register: a question goes out by POST, a bounded answer comes back in time, and nothing is repeated."""

import asyncio
import ssl
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import httpx2

AT_ONCE: Final = 8
"""Conversations of one process at the same time: a register that hangs must not take all threads from citizens."""
KEPT_OPEN: Final = 2.0
"""Seconds for which an idle connection is used again; shorter than servers keep it, for nothing is sent twice."""
_JSON: Final = "application/json"
_REFUSALS: Final = frozenset({401, 403})
_BUSY: Final = frozenset({429, 502, 503, 504})


class Deviation(StrEnum):
    """How a register did not do its part."""

    UNREACHABLE = "unreachable"
    """No connection, no trust in its certificate, or the connection broke."""
    SLOW = "slow"
    BUSY = "busy"
    """It says that it cannot answer now."""
    REFUSES_US = "refuses_us"
    """It takes our token or certificate for somebody else's."""
    REDIRECT = "redirect"
    STATUS = "status"
    """Another status than 200."""
    TOO_LARGE = "too_large"
    OTHER_FORM = "other_form"
    """No JSON as the contract has it."""
    OTHER_NUMBER = "other_number"
    """The answer is about somebody else."""
    CROWDED = "crowded"
    """Not asked: as many conversations as may be are under way."""
    RESTING = "resting"
    """Not asked: it did not answer several times in a row."""


class LineError(Exception):
    """A conversation that came to nothing; ``status`` where the register gave one."""

    def __init__(self, kind: Deviation, status: int | None = None) -> None:
        super().__init__(kind.value)
        self.kind, self.status = kind, status


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to connect, between two parts of an answer, and from the question to the answer's whole end."""

    connect: float
    silence: float
    whole: float


class Line:
    """Conversations with one register, from any thread; they run in a thread of their own.

    Parameters
    ----------
    address
        Of the register, without a slash at its end.
    tls
        Whom to trust, and how we show who we are.
    token
        Shown as a bearer token; None: none is.
    patience
        How long anything may take, whatever the register does meanwhile.
    """

    def __init__(self, address: str, *, tls: ssl.SSLContext, token: str | None, patience: Patience) -> None:
        self._whole = patience.whole
        headers = {"accept": _JSON, "accept-encoding": "identity", "content-type": _JSON, "user-agent": "mawid"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        self._client = httpx2.AsyncClient(
            base_url=address,
            headers=headers,
            verify=tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(patience.silence, connect=patience.connect),
            limits=httpx2.Limits(max_connections=AT_ONCE, keepalive_expiry=KEPT_OPEN),
        )
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def post(self, path: str, body: bytes, *, most: int) -> bytes:
        """Return the body of the answer to a question, of so many bytes at most.

        Raises
        ------
        LineError
            There is none, or not one that can be an answer.
        """
        if not self._room.acquire(blocking=False):
            raise LineError(Deviation.CROWDED)
        try:
            asked: Future[bytes] = asyncio.run_coroutine_threadsafe(self._post(path, body, most), self._running())
            return asked.result()
        finally:
            self._room.release()

    def close(self) -> None:
        """Close connections, and end the thread."""
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._client.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="line to the register", daemon=True)
                self._thread.start()
            return self._loop

    async def _post(self, path: str, body: bytes, most: int) -> bytes:
        try:
            async with asyncio.timeout(self._whole), self._client.stream("POST", path, content=body) as answer:
                _check_head(answer.status_code, answer.headers, most)
                return await _whole_body(answer, most)
        except (TimeoutError, httpx2.TimeoutException):
            raise LineError(Deviation.SLOW) from None
        except (httpx2.HTTPError, ssl.SSLError, OSError):
            raise LineError(Deviation.UNREACHABLE) from None


def _check_head(status: int, headers: Mapping[str, str], most: int) -> None:
    """Pass what can be an answer; raises LineError."""
    if status != httpx2.codes.OK:
        if status in _REFUSALS:
            raise LineError(Deviation.REFUSES_US, status)
        if status in _BUSY:
            raise LineError(Deviation.BUSY, status)
        raise LineError(Deviation.REDIRECT if httpx2.codes.is_redirect(status) else Deviation.STATUS, status)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON or headers.get("content-encoding", "identity").lower() != "identity":
        raise LineError(Deviation.OTHER_FORM, status)
    if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")) > most:
        raise LineError(Deviation.TOO_LARGE, status)


async def _whole_body(answer: httpx2.Response, most: int) -> bytes:
    """Read a body to its end, and no further than it may be; raises LineError."""
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > most:
            raise LineError(Deviation.TOO_LARGE, answer.status_code)
    return bytes(body)
