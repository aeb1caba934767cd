"""People who call as they come, and what they are answered. No benchmark by itself: others load it.

Whoever calls takes processor time from the servers beside it, so a call is made with as little as possible.
"""

import asyncio
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import uvloop

PATIENCE = 60.0
_TICK = 0.002
_LENGTH = b"content-length: "

Call = tuple[str, bytes]
"""What kind of call it is, and its bytes."""


class Connection(asyncio.Protocol):
    """An open connection, over which one call after the other goes."""

    __slots__ = ("_answer", "_received", "_status", "_whole", "closed", "transport")

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._received, self._whole, self._status = 0, -1, 0
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Give the status of an answer that is whole; its head comes in one piece from these servers."""
        if self._whole < 0:
            end = data.index(b"\r\n\r\n") + 4
            place = data.find(_LENGTH, 0, end)
            length = int(data[place + len(_LENGTH) : data.index(b"\r\n", place)]) if place >= 0 else 0
            self._status, self._whole, self._received = int(data[9:12]), end + length, 0
        self._received += len(data)
        if self._received >= self._whole:
            self._whole = -1
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(self._status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def call(self, payload: bytes) -> int:
        """Send a call and wait for the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(payload)  # type: ignore[attr-defined]
        async with asyncio.timeout(PATIENCE):
            return await self._answer


@dataclass
class Seen:
    """How long calls of each kind took, by whether they were let in, and what they were answered.

    ``good`` are those that were let in and answered from ``since`` until the time was ``over``: what comes later is no
    gain. Calls that were made before ``since`` are in nothing else.
    """

    port: int
    since: float
    over: float
    good: Counter[str] = field(default_factory=Counter)
    let_in: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def plain(self) -> tuple[Any, ...]:
        """Return all of it as another process can be told; `of` makes it whole again."""
        return self.port, self.since, self.over, self.good, dict(self.let_in), dict(self.refused), dict(self.answers)

    @classmethod
    def of(cls, plain: tuple[Any, ...]) -> Self:
        """Return what another process saw."""
        return cls(*plain)

    async def once(self, kind: str, payload: bytes, idle: list[Connection]) -> None:
        """Make a call over an idle connection, or a new one."""
        began = time.perf_counter()
        try:
            while idle and idle[-1].closed:
                idle.pop()
            connection = idle.pop() if idle else await _connect(self.port)
            try:
                status = await connection.call(payload)
            except ConnectionResetError:  # it had been idle for too long: a browser opens another one
                connection = await _connect(self.port)
                status = await connection.call(payload)
        except (OSError, TimeoutError) as error:
            self.answers[kind][type(error).__name__] += 1
            return
        idle.append(connection)
        ended = time.perf_counter()
        self.good[kind] += status < 400 and self.since <= ended <= self.over
        if began >= self.since:
            (self.let_in if status < 400 else self.refused)[kind].append(ended - began)
            self.answers[kind][str(status)] += 1


async def _connect(port: int) -> Connection:
    _, made = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return made


Span = tuple[float, float]
"""Seconds until what is seen counts, and for how long it does."""


def seen_in(port: int, span: Span) -> Seen:
    """Return what will be seen from now on."""
    since = time.perf_counter() + span[0]
    return Seen(port, since, since + span[1])


async def one_after_the_other(port: int, calls: Iterator[Call], span: Span, clients: int) -> tuple[Seen, float]:
    """Let clients wait for each answer before they call again; return what they saw, and the processor time of it."""
    seen, began = seen_in(port, span), time.process_time()

    async def client() -> None:
        idle: list[Connection] = []
        while time.perf_counter() < seen.over:
            await seen.once(*next(calls), idle)

    await asyncio.gather(*(client() for _ in range(clients)))
    return seen, (time.process_time() - began) * span[1] / sum(span)


async def as_they_come(port: int, calls: Iterator[Call], span: Span, gaps: Iterator[float]) -> tuple[Seen, float]:
    """Call whether or not those before were answered; return what was seen, and the processor time of what counts.

    ``gaps`` are the seconds between two calls.
    """
    idle, under_way = list[Connection](), set[asyncio.Task[None]]()
    due, began = time.perf_counter(), time.process_time()
    seen = seen_in(port, span)
    while due < seen.over:
        due += next(gaps)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(max(early, _TICK))  # those of a moment together: each wake-up costs as much as a call
        task = asyncio.create_task(seen.once(*next(calls), idle))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    own = (time.process_time() - began) * span[1] / sum(span)
    await asyncio.gather(*under_way)
    return seen, own


def apart(ready: Any, go: Any, told: Any, come: Callable[[], Awaitable[tuple[Seen, float]]]) -> None:
    """Be a crowd in a process apart: say that it is ready, wait until it is asked to come, and tell what it saw.

    ``ready`` and ``go`` are events, ``told`` is a queue, all of `multiprocessing`.
    """
    ready.set()
    go.wait()
    seen, own = uvloop.run(come())  # type: ignore[arg-type]
    told.put((seen.plain(), own))


def cuts(times: Sequence[float]) -> str:
    """Write the median and the 99th percentile."""
    if len(times) < 2:
        return "–"
    return f"{statistics.median(times) * 1e3:.0f}; {statistics.quantiles(times, n=100)[98] * 1e3:.0f} ms"
