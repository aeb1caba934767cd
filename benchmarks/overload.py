"""More people than can be served: arrivals that wait for no answer, at once, twice and five times what is possible.

Run with ``./run bench overload [--seconds 15] [--workers 2] [--people 400]``. It starts its own durable PostgreSQL and
Valkey and web processes, and calls from another process over open connections, each call from a network of its own.
Of ten calls six are of people who are new and read a public page, two of people who are signed in and open *My
requests*, two of people who answer a question of an online form. What is possible is measured first, by clients that
wait for each answer. Beside it a program asks ``/livez``, ``/readyz`` and ``/metrics`` and an officer opens the desk,
four times a second each.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import re
import runpy
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import uvloop
from sqlalchemy import update

from booking.core import sessions
from booking.core.core import Core
from booking.models import Account
from booking.models.states import Door
from booking.online.begin import begin_case

FLOOD = runpy.run_path(str(Path(__file__).with_name("flood.py")))
PROCESSOR = runpy.run_path(str(Path(__file__).parent / "replayed" / "processor.py"))
FORMS = FLOOD["FORMS"]
PUBLIC = ("/", "/draws", "/how", "/services/passport-renewal", "/offices/damascus")
CLIENTS = 32
PACE = 0.25
PATIENCE = 60.0
TOKEN = "of a benchmark, which protects nobody"  # noqa: S105 - nothing real is read with it

Call = tuple[str, bytes]


class Connection(asyncio.Protocol):
    """An open connection, over which one call after the other goes."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] | None = None
        self._received = b""
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Give the status of an answer that is whole."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head) if end else None
        if end and len(body) >= (int(length[1]) if length else 0):
            self._received = b""
            if self.answer is not None and not self.answer.done():
                self.answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.closed = True
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError())

    async def call(self, payload: bytes) -> int:
        """Send a call and wait for the status of its answer."""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(payload)  # type: ignore[attr-defined]
        return await asyncio.wait_for(self.answer, PATIENCE)


@dataclass
class Seen:
    """How long calls of each kind took, by whether they were let in, and what they were answered.

    ``good`` are those that were let in and answered before the time was ``over``: what comes later is no gain.
    """

    over: float
    good: int = 0
    let_in: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    async def once(self, kind: str, payload: bytes, idle: list[Connection]) -> None:
        """Make a call over an idle connection, or a new one."""
        began = time.perf_counter()
        try:
            while idle and idle[-1].closed:
                idle.pop()
            connection = idle.pop() if idle else await _connect()
            try:
                status = await connection.call(payload)
            except ConnectionResetError:  # it had been idle for too long: a browser opens another one
                connection = await _connect()
                status = await connection.call(payload)
        except (OSError, TimeoutError) as error:
            self.answers[kind][type(error).__name__] += 1
            return
        idle.append(connection)
        ended = time.perf_counter()
        (self.let_in if status < 400 else self.refused)[kind].append(ended - began)
        self.good += status < 400 and ended <= self.over
        self.answers[kind][str(status)] += 1


async def _connect() -> Connection:
    _, made = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", FLOOD["PORT"])
    return made


def everybody(public: Sequence[bytes], signed_in: Sequence[bytes], forms: Sequence[bytes]) -> Iterator[Call]:
    """Yield calls without end; ``%NETWORK%`` of the new ones is another one each time."""
    chance = random.Random(7)  # noqa: S311 - no secret
    while True:
        kind = chance.choices(("new", "signed in", "form"), (6, 2, 2))[0]
        payload = chance.choice({"new": public, "signed in": signed_in, "form": forms}[kind])
        address = f"{chance.randrange(11, 190)}.{chance.randrange(256)}.{chance.randrange(256)}.7"
        yield kind, payload.replace(b"%NETWORK%", address.encode())


async def one_after_the_other(calls: Iterator[Call], seconds: float) -> Seen:
    """Let ``CLIENTS`` clients wait for each answer before they call again."""
    seen = Seen(time.perf_counter() + seconds)

    async def client() -> None:
        idle: list[Connection] = []
        while time.perf_counter() < seen.over:
            await seen.once(*next(calls), idle)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return seen


async def as_they_come(calls: Iterator[Call], seconds: float, rate: float) -> Seen:
    """Call ``rate`` times a second, whether or not those before were answered."""
    idle, under_way = list[Connection](), set[asyncio.Task[None]]()
    chance, due = random.Random(8), time.perf_counter()  # noqa: S311 - no secret
    seen = Seen(due + seconds)
    while due < seen.over:
        due += chance.expovariate(rate)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(seen.once(*next(calls), idle))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return seen


async def beside(watched: dict[str, bytes], seconds: float, watch: Callable[[], None]) -> Seen:
    """Make each call every ``PACE`` seconds, however long the one before takes."""
    seen, visits = Seen(time.perf_counter() + seconds), []
    for _ in range(int(seconds / PACE)):
        visits += [asyncio.create_task(seen.once(name, payload, [])) for name, payload in watched.items()]
        watch()
        await asyncio.sleep(PACE)
    await asyncio.gather(*visits)
    return seen


def crowd(
    calls: tuple[Sequence[bytes], ...], seconds: float, rate: float, told: "multiprocessing.Queue[tuple[Seen, float]]"
) -> None:
    """Be everybody, in a process apart; tell what was seen, and the processor time that it took."""
    come = as_they_come(everybody(*calls), seconds, rate) if rate else one_after_the_other(everybody(*calls), seconds)
    seen = uvloop.run(come)
    told.put(
        (Seen(seen.over, seen.good, dict(seen.let_in), dict(seen.refused), dict(seen.answers)), time.process_time())
    )


def cuts(times: Sequence[float]) -> str:
    """Write the median and the 99th percentile."""
    if len(times) < 2:
        return "–"
    return f"{statistics.median(times) * 1e3:.0f}; {statistics.quantiles(times, n=100)[98] * 1e3:.0f} ms"


def memory_mib(process: int) -> float:
    """Return the largest resident memory among a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return max(FLOOD["memory_mib"](int(one)) for one in [str(process), *children])


def measure(
    name: str, calls: tuple[Sequence[bytes], ...], watched: dict[str, bytes], process: int, seconds: float, rate: float
) -> float:
    """Print what became of a rate of arrivals; return how many a second were let in."""
    context, memory = multiprocessing.get_context("spawn"), list[float]()
    told: multiprocessing.Queue[tuple[Seen, float]] = context.Queue()
    people = context.Process(target=crowd, args=(calls, seconds, rate, told))
    people.start()
    time.sleep(3)  # it imports as much as the site
    before = PROCESSOR["spent_by_servers"]()
    others = asyncio.run(beside(watched, seconds, lambda: memory.append(memory_mib(process))))
    seen, own = told.get()
    people.join()
    spent = {one: used - before.get(one, 0) for one, used in PROCESSOR["spent_by_servers"]().items()}
    servers = sum(spent.values()) - own
    good = seen.good / seconds
    print(
        f"\n**{name}**: {good:.0f} a second let in and answered; {max(memory):.0f} MiB; processor time of the servers"
    )
    print(f"for each {1e3 * servers / seen.good:.1f} ms, of who calls {own / seconds:.2f} s a second\n")
    print("| | let in | p50; p99 | refused | p50; p99 | answers |\n|---|---:|---:|---:|---:|---|")
    for found in (seen, others):
        for kind, answers in sorted(found.answers.items()):
            let_in, refused = found.let_in.get(kind, []), found.refused.get(kind, [])
            said = ", ".join(f"{count} × {status}" for status, count in answers.most_common())
            row = (kind, str(len(let_in)), cuts(let_in), str(len(refused)), cuts(refused), said)
            print(f"| {' | '.join(row)} |", flush=True)
    return good


def people(core: Core, count: int) -> tuple[tuple[Sequence[bytes], ...], bytes]:
    """Return what people call, and an officer's page; half of the people are in the middle of a form."""
    http = FLOOD["http"]
    officer, *others = FORMS["settle"](core, count + 1)
    with core.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == officer.account).values(roles=["reviewer"]))
    officers, _ = sessions.create(core, account_id=officer.account, language="ar", door=Door.HOME, roles=("reviewer",))
    forms, signed_in = [], []
    for one in others[::2]:
        case = begin_case(core, account_id=one.account, service=FORMS["SERVICE"], member_id=one.member)
        first, plate, kind, *_ = FORMS["CODES"]
        typed = {f"answer-{first}": "damascus", f"answer-{plate}": "123456", f"answer-{kind}": "private"}
        body = urlencode({"csrf": one.csrf, **typed}).encode()
        sealed = {"Cookie": f"mawid={one.cookie}", "Content_Type": FLOOD["FORM"]}
        address = f"10.{one.member >> 8}.{one.member & 255}.7"
        forms.append(http("POST", f"/online/cases/{case}/questions/{first}", body, address=address, **sealed))
    for one in others[1::2]:
        address = f"10.{one.member >> 8}.{one.member & 255}.7"
        signed_in.append(http("GET", "/me", address=address, Cookie=f"mawid={one.cookie}"))
    public = [http("GET", path, address="%NETWORK%") for path in PUBLIC]
    return (public, signed_in, forms), http("GET", "/desk", address="198.51.100.9", Cookie=f"mawid={officers}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--times", type=float, nargs="*", default=[1, 2, 5], help="as many as is possible")
    parser.add_argument("--people", type=int, default=400, help="who are signed in")
    options = parser.parse_args()
    os.environ["MAWID_METRICS_TOKEN"] = TOKEN
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(FLOOD["opened"](FLOOD["SECRET"]))
        calls, desk = people(core, options.people)
        http, watched = FLOOD["http"], {"the desk": desk}
        for number, path in enumerate(("/livez", "/readyz", "/metrics")):
            address = f"198.51.{number}.20"
            watched[path] = http("GET", path, address=address, Authorization=f"Bearer {TOKEN}")
        process = stack.enter_context(FLOOD["site"](postgres.url, valkey.url, folder, options.workers))
        asyncio.run(FLOOD["warm_up"](watched["/livez"]))
        print(f"{options.workers} web processes, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        given = (calls, watched, process, options.seconds)
        measure("everybody is known", *given, 0)
        possible = measure(f"what is possible, {CLIENTS} clients", *given, 0)
        for times in options.times:
            measure(f"{times:g} × as many come, {times * possible:.0f} a second", *given, times * possible)


if __name__ == "__main__":
    main()
