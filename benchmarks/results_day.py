"""The pages of results day: calls a second, how long each takes, and the processor time of all servers.

Run with ``python -P benchmarks/results_day.py``; it starts its own durable PostgreSQL and Valkey and two web processes,
fills them with a small nation (`nation.py`), draws and publishes. Then 64 clients open one kind of page each, without a
pause. Processor time is that of the web processes, PostgreSQL and Valkey together, a call.

With ``--evening MINUTES`` it rehearses the evening instead: everybody has a session, and when the draw is published all
of them come to their request's page in bursts that die away over the minutes, whether or not the answers keep up; with
``--faster N`` in an N-th of that time.
"""

import argparse
import asyncio
import math
import random
import re
import runpy
import statistics
import sys
import tempfile
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from uuid import UUID

import uvloop
from sqlalchemy import select, text

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.schema import migrate
from booking.opening import open_core
from booking.platform.base.clock import SettableClock, SystemClock
from booking.platform.base.settings import Settings
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from booking.platform.models import Request
from booking.platform.models.states import Door
from booking.scheduling.draws import draw as draws


def beside(name: str) -> ModuleType:
    """Return another benchmark as a module that its own processes find too."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


nation, http_requests = beside("nation"), beside("http_requests")
PROCESSOR = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))
PORT = 8795
PARTS = 10
"""Of an evening, each told by itself."""


class Visitor(NamedTuple):
    """Somebody who comes to look: where their request's page is, and the header fields that their browser sends."""

    reference: str
    fields: str


def fill(core: Core, dsn: str, count: int) -> list[Visitor]:
    """Have a nation ask, draw, publish, open the next draw, and sign everybody in."""
    nation.fill(core, dsn, count)
    nation.open_draw(core, "evening", core.clock.now() + timedelta(hours=1))
    core.clock.advance(timedelta(hours=1))
    for step in (draws.close, draws.run, draws.publish):
        step(core, "evening")
    nation.open_draw(core, "next", core.clock.now() + timedelta(days=2))
    with core.sessions.begin() as session:
        session.execute(text("ANALYZE"))
        asked = session.execute(select(Request.account_id, Request.reference).order_by(Request.reference)).all()
    return [Visitor(reference, signed_in(core, account, number)) for number, (account, reference) in enumerate(asked)]


def signed_in(core: Core, account: UUID, number: int) -> str:
    """Return what the browser of a citizen who has signed in sends with every call."""
    token, _ = sessions.create(core, account_id=account, language="ar", door=Door.HOME, roles=("citizen",))
    return browser(number, f"mawid={token}; ")


def browser(number: int, cookies: str = "") -> str:
    """Return the header fields of a phone that was here before."""
    return (
        f"Host: localhost\r\nCookie: {cookies}mawid_device={number:022}; mawid_language=ar\r\n"
        f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
        "User-Agent: Mozilla/5.0 (Linux; Android 8.1.0; SM-J710F) AppleWebKit/537.36 Chrome/109.0 Mobile\r\n"
        "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: ar,en;q=0.5\r\n"
        "Accept-Encoding: gzip, deflate, br\r\n"
    )


def call(path: str, fields: str) -> bytes:
    """Write a call for a page."""
    return f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode()


class Connection:
    """One open connection to the site."""

    def __init__(self) -> None:
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, payload: bytes) -> str:
        """Send a call and read the answer; return its status. What the site has closed meanwhile is opened again."""
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
        self._writer.write(payload)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if length is not None:
            await self._reader.readexactly(int(length[1]))
        return head.split(b" ", 2)[1].decode()

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()


class Measured(NamedTuple):
    """What came of the calls: how long all took (s), how long each, the answers by status, and what each was told."""

    seconds: float
    waits: list[float]
    answers: Counter[str]
    each: list[str]


async def without_pause(payloads: Sequence[bytes], clients: int) -> Measured:
    """Send all calls over open connections, each as soon as the one before it is answered."""
    waiting, waits, answers = iter(payloads), [], Counter[str]()

    async def client() -> None:
        connection = Connection()
        for payload in waiting:
            began = time.perf_counter()
            answers[await connection.ask(payload)] += 1
            waits.append(time.perf_counter() - began)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Measured(time.perf_counter() - began, waits, answers, [])


async def as_they_come(payloads: Sequence[bytes], arrivals: Sequence[float]) -> Measured:
    """Send each call at its time, however many are on their way; each waits from the moment that it was due."""
    waits, told, free = [math.nan] * len(payloads), [""] * len(payloads), []
    began = time.perf_counter()

    async def visit(number: int, payload: bytes, due: float) -> None:
        connection = free.pop() if free else Connection()
        try:
            told[number] = await connection.ask(payload)
            free.append(connection)
        except (OSError, EOFError) as error:
            told[number] = type(error).__name__
        waits[number] = time.perf_counter() - began - due

    under_way = set()
    for number, (payload, due) in enumerate(zip(payloads, arrivals, strict=True)):
        await asyncio.sleep(max(0, began + due - time.perf_counter()))
        task = asyncio.create_task(visit(number, payload, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    for one in free:
        one.close()
    return Measured(time.perf_counter() - began, waits, Counter(told), told)


def in_parts(measured: Measured, arrivals: Sequence[float]) -> Iterator[Measured]:
    """Yield what came of those who came in each part of the time."""
    ends = [arrivals[-1] * number / PARTS for number in range(1, PARTS)]
    cuts = [0, *(bisect(arrivals, end) for end in ends), len(arrivals)]
    for begin, end in pairwise(cuts):
        told = measured.each[begin:end]
        yield Measured(arrivals[-1] / PARTS, measured.waits[begin:end], Counter(told), told)


def row(name: str, measured: Measured, processor: float) -> str:
    """Write a row of the table."""
    calls, cuts = len(measured.waits), statistics.quantiles(measured.waits, n=100)
    others = {status: count for status, count in measured.answers.items() if status != "200"}
    spent = "" if math.isnan(processor) else f"{processor / calls * 1e3:.2f} ms"
    return (
        f"| {name} | {calls / measured.seconds:,.0f} | {cuts[49] * 1e3:.0f} ms | {cuts[98] * 1e3:.0f} ms"
        f" | {spent} | {others or ''} |"
    )


def kinds(visitors: Sequence[Visitor]) -> dict[str, Callable[[int], bytes]]:
    """Return for each kind of page the call of a visitor by number."""
    people = len(visitors)

    def own(path: str) -> Callable[[int], bytes]:
        return lambda n: call(path.format(visitors[n % people].reference), visitors[n % people].fields)

    def strangers(path: str) -> Callable[[int], bytes]:
        return lambda n: call(path, browser(n))

    return {
        "a request": own("/requests/{}"),
        "my requests (`/me`)": own("/me"),
        "home": strangers("/"),
        "home, signed in": own("/"),
        "the draw": strangers("/draws/evening"),
        "the draw, signed in": own("/draws/evening"),
        "all draws": strangers("/draws"),
        "a service": strangers("/services/passport-renewal"),
        "all services": strangers("/services"),
    }


def bursts(count: int, seconds: float) -> list[float]:
    """Return when each of ``count`` visitors comes: most in the first minutes, as a message reaches them."""
    chance = random.Random(count)  # noqa: S311 - a benchmark, not a lottery
    return sorted(min(chance.expovariate(3 / seconds), chance.uniform(0, seconds)) for _ in range(count))


@contextmanager
def filled(people: int) -> Iterator[list[Visitor]]:
    """Start everything, filled."""
    settings = Settings(_env_file=None, secret_key=nation.SECRET)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        migrate(postgres.url)
        clock = SettableClock(SystemClock().now() - timedelta(hours=1))
        with open_core(settings, database_url=postgres.url, redis_url=valkey.url, clock=clock) as core:
            visitors = fill(core, postgres.dsn, people)
        behind = {"MAWID_TRUSTED_PROXIES": "127.0.0.1", "MAWID_SECRET_KEY": nation.SECRET}
        stack.enter_context(http_requests.site(postgres.url, valkey.url, folder, behind, port=PORT))
        yield visitors


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--calls", type=int, default=4_000, help="of each kind")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--only", default="", help="kinds whose name has this in it")
    parser.add_argument("--evening", type=float, default=0, help="minutes in which everybody comes")
    parser.add_argument("--faster", type=float, default=1, help="an evening in an N-th of its time")
    options = parser.parse_args()
    with filled(options.people) as visitors:
        print("| | a second | p50 | p99 | processor time | not 200 |\n|---|---:|---:|---:|---:|---|")
        if options.evening:
            arrivals = bursts(len(visitors), options.evening * 60 / options.faster)
            payloads = [call(f"/requests/{one.reference}", one.fields) for one in visitors]
            began = PROCESSOR["total"]()
            measured = uvloop.run(as_they_come(payloads, arrivals))
            print(row("the evening", measured, PROCESSOR["total"]() - began))
            for number, part in enumerate(in_parts(measured, arrivals), 1):
                print(row(f"part {number} of {PARTS}", part, math.nan))
            return
        for name, made in kinds(visitors).items():
            if options.only in name:
                uvloop.run(without_pause([made(n) for n in range(options.clients * 4)], options.clients))
                payloads, began = [made(n) for n in range(options.calls)], PROCESSOR["total"]()
                measured = uvloop.run(without_pause(payloads, options.clients))
                print(row(name, measured, PROCESSOR["total"]() - began), flush=True)


if __name__ == "__main__":
    main()
