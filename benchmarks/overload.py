"""More people than can be served: arrivals that wait for no answer, at once, twice and five times what is possible.

Run with ``./run bench overload [--seconds 15] [--lead 8] [--workers 2] [--people 400]``. It starts its own durable
PostgreSQL and Valkey and web processes, and calls from another process, each call from a network of its own.
Of ten calls six are of people who are new and read a public page, two of people who are signed in and open *My
requests*, two of people who answer a question of an online form. What is possible is measured first, by clients that
wait for each answer. Beside it a program asks ``/livez``, ``/readyz`` and ``/metrics`` and an officer opens the desk,
four times a second each.

A form costs many times what a public page costs, and forms go first: the same work may be fewer calls. So the work of
each kind is measured by itself, and what was done is said in calls and in work. Who calls is on the same processors:
what was done is also compared with what is possible in the share that they leave to the servers, and in the processor
time that these really got, where others are busy too. With ``--apart`` the servers have one processor, and who calls
another one, so that neither takes anything from the other. What is possible is measured before and after each crowd: a
second of a processor does less while others are at work beside it.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import runpy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import update

from booking.country.core import sessions
from booking.country.core.core import Core
from booking.eservices.online.begin import begin_case
from booking.platform.models import Account
from booking.platform.models.states import Door

FLOOD = runpy.run_path(str(Path(__file__).with_name("flood.py")))
REPLAYED = Path(__file__).parent / "replayed"
CROWD, PROCESSOR = (runpy.run_path(str(REPLAYED / name)) for name in ("crowd.py", "processor.py"))
FORMS, PORT = FLOOD["FORMS"], FLOOD["PORT"]
PUBLIC = ("/", "/draws", "/how", "/services/passport-renewal", "/offices/damascus")
SHARES = {"new": 6, "signed in": 2, "form": 2}
CLIENTS = 32
DIFFERENT = 30_000
PACE = 0.25
TOKEN = "of a benchmark, which protects nobody"  # noqa: S105 - nothing real is read with it

People = Mapping[str, Sequence[bytes]]
"""The calls of each kind of people; ``%NETWORK%`` of the new ones is another one each time."""


def everybody(people: People, shares: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """Yield calls without end, each kind as often as its share says."""
    chance = random.Random(7)  # noqa: S311 - no secret
    kinds, weights = list(shares), list(shares.values())

    def made() -> Iterator[tuple[str, bytes]]:
        while True:
            [kind] = chance.choices(kinds, weights)
            address = f"{chance.randrange(11, 190)}.{chance.randrange(256)}.{chance.randrange(256)}.7"
            yield kind, chance.choice(people[kind]).replace(b"%NETWORK%", address.encode())

    return cycle(list(islice(made(), DIFFERENT)))


def gaps(rate: float) -> Iterator[float]:
    """Yield the seconds between two arrivals."""
    chance = random.Random(8)  # noqa: S311 - no secret
    while True:
        yield chance.expovariate(rate)


def crowd(
    people: People,
    shares: Mapping[str, int],
    span: tuple[float, float],
    rate: float,
    processor: int | None,
    *events: Any,
) -> None:
    """Be everybody, in a process apart: so many calls a second, or as many as are answered."""
    if processor is not None:
        os.sched_setaffinity(0, {processor})
    calls = everybody(people, shares)
    come = partial(CROWD["one_after_the_other"], PORT, calls, span, CLIENTS)
    if rate:
        come = partial(CROWD["as_they_come"], PORT, calls, span, gaps(rate))
    CROWD["apart"](*events, come)


async def beside(watched: Mapping[str, bytes], seconds: float, watch: Callable[[], None]) -> Any:
    """Make each call every ``PACE`` seconds, however long the one before takes."""
    seen, visits = CROWD["seen_in"](PORT, (0.0, seconds)), []
    for number in range(int(seconds / PACE)):
        visits += [asyncio.create_task(seen.once(name, payload, [])) for name, payload in watched.items()]
        if number % 4 == 0:
            watch()
        await asyncio.sleep(PACE)
    await asyncio.gather(*visits)
    return seen


def memory_mib(process: int) -> float:
    """Return the largest resident memory among a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return max(FLOOD["memory_mib"](int(one)) for one in [str(process), *children])


@dataclass(frozen=True)
class Site:
    """What is called: the people's calls, what is watched beside them, the web processes, and for how long."""

    people: People
    watched: Mapping[str, bytes]
    process: int
    seconds: float
    processor: int | None = None

    def come(self, shares: Mapping[str, int], rate: float, seconds: float = 0.0, lead: float = 0.0) -> "Came":
        """Let people come, and see what becomes of them once they have come for ``lead`` seconds."""
        context, memory, seconds = multiprocessing.get_context("spawn"), list[float](), seconds or self.seconds
        events = context.Event(), context.Event(), context.Queue()
        who = context.Process(target=crowd, args=(self.people, shares, (lead, seconds), rate, self.processor, *events))
        who.start()
        events[0].wait()
        events[1].set()
        time.sleep(lead)
        before = PROCESSOR["total"](but=who.pid)

        async def watch() -> tuple[Any, float]:
            watching = asyncio.create_task(
                beside(self.watched, seconds, lambda: memory.append(memory_mib(self.process)))
            )
            await asyncio.sleep(seconds)
            servers = PROCESSOR["total"](but=who.pid) - before
            return await watching, servers

        others, servers = asyncio.run(watch())
        plain, own = events[2].get()
        who.join()
        left = (os.cpu_count() or 1) - own / seconds if self.processor is None else 1.0
        return Came(CROWD["Seen"].of(plain), others, seconds, servers, own, left, max(memory, default=0.0))


@dataclass(frozen=True)
class Came:
    """What became of those who came, and of those beside them; processor time in seconds.

    ``left`` are the processors that those who call left to the servers.
    """

    seen: Any
    others: Any
    seconds: float
    servers: float
    own: float
    left: float
    memory: float

    @property
    def good(self) -> int:
        """Calls that were let in and answered in time."""
        return self.seen.good.total()

    def work(self, costs: Mapping[str, float]) -> float:
        """Return the processor time that the good calls would have taken by themselves, in seconds a second."""
        return sum(costs[kind] * count for kind, count in self.seen.good.items()) / self.seconds

    def compare(self, costs: Mapping[str, float], *possible: "Came") -> None:
        """Print what was done as a share of what was possible just before and just after."""

        def share(of: Callable[[Came], float]) -> str:
            return f"{of(self) / (sum(map(of, possible)) / len(possible)):.0%}"

        calls, work = share(lambda one: one.good / one.seconds), share(lambda one: one.work(costs))
        left, got = share(lambda one: one.work(costs) / one.left), share(lambda one: one.work(costs) / one.servers)
        print(f"\nof what is possible: calls {calls}, work {work}; work in what is left to the servers", end=" ")
        print(f"{left}, in the processor time that they got {got}", flush=True)

    def show(self, name: str) -> None:
        """Print the tables."""
        refused, own = sum(map(len, self.seen.refused.values())), self.own / self.seconds
        print(f"\n**{name}**: {self.good / self.seconds:.0f} a second let in and answered,", end=" ")
        print(f"{refused / self.seconds:.0f} refused; {self.memory:.0f} MiB;\nprocessor time of the servers", end=" ")
        print(f"{self.servers / self.seconds:.2f} s a second, for each let in {1e3 * self.servers / self.good:.2f} ms;")
        print(f"of who calls {own:.2f} s a second, {1e6 * self.own / (self.good + refused):.0f} µs a call")
        print("\n| | let in | p50; p99 | refused | p50; p99 | answers |\n|---|---:|---:|---:|---:|---|")
        for found in (self.seen, self.others):
            for kind, answers in sorted(found.answers.items()):
                let_in, no = found.let_in.get(kind, []), found.refused.get(kind, [])
                said = ", ".join(f"{count} × {status}" for status, count in answers.most_common())
                row = (kind, str(len(let_in)), CROWD["cuts"](let_in), str(len(no)), CROWD["cuts"](no), said)
                print(f"| {' | '.join(row)} |", flush=True)


def settle(core: Core, count: int) -> tuple[People, bytes]:
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
    desk = http("GET", "/desk", address="198.51.100.9", Cookie=f"mawid={officers}")
    return {"new": public, "signed in": signed_in, "form": forms}, desk


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--lead", type=float, default=8.0, help="seconds that people come before it is measured")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--times", type=float, nargs="*", default=[1, 2, 5], help="as many as is possible")
    parser.add_argument("--people", type=int, default=400, help="who are signed in")
    parser.add_argument("--apart", action="store_true", help="the servers on one processor, who calls on another one")
    options = parser.parse_args()
    first, second = sorted(os.sched_getaffinity(0))[:2]
    if options.apart:
        os.sched_setaffinity(0, {first})  # and so all that is started here
    os.environ["MAWID_METRICS_TOKEN"] = TOKEN
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(FLOOD["opened"](FLOOD["SECRET"]))
        people, desk = settle(core, options.people)
        http, watched = FLOOD["http"], {"the desk": desk}
        for number, path in enumerate(("/livez", "/readyz", "/metrics")):
            address = f"198.51.{number}.20"
            watched[path] = http("GET", path, address=address, Authorization=f"Bearer {TOKEN}")
        process = stack.enter_context(FLOOD["site"](postgres.url, valkey.url, folder, options.workers))
        asyncio.run(FLOOD["warm_up"](watched["/livez"]))
        print(f"{options.workers} web processes, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        site = Site(people, watched, process, options.seconds, second if options.apart else None)
        site.come(SHARES, 0, 5.0)  # everybody is known, and what is read once was read
        costs = {}
        for kind in SHARES:
            alone = site.come({kind: 1}, 0, 5.0)
            costs[kind] = alone.servers / alone.good
        print("work of one, in ms: " + ", ".join(f"{kind} {1e3 * cost:.2f}" for kind, cost in costs.items()))
        before = site.come(SHARES, 0)
        before.show(f"what is possible, {CLIENTS} clients")
        rate = before.good / before.seconds
        for times in options.times:
            came = site.come(SHARES, times * rate, lead=options.lead)
            after = site.come(SHARES, 0)
            came.show(f"{times:g} × as many come, {times * rate:.0f} a second")
            came.compare(costs, before, after)
            before = after


if __name__ == "__main__":
    main()
