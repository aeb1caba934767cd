"""Sign-ins as fast as passwords can be hashed, and how long pages take meanwhile.

Run with ``./run bench sign_in [--seconds 20] [--workers 2] [--clients 48]``. It starts its own durable PostgreSQL and
Valkey and web processes. So many clients sign in over and over, each time as another person in another network, with
passwords hashed as in production. Beside them twenty pages a second are opened, public ones and *My requests*, whether
or not those before were answered; at first without the sign-ins.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import runpy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import update

from booking.platform.models import Account

OVERLOAD = runpy.run_path(str(Path(__file__).with_name("overload.py")))
FLOOD, FORMS, CROWD, PROCESSOR = (OVERLOAD[name] for name in ("FLOOD", "FORMS", "CROWD", "PROCESSOR"))
PORT = FLOOD["PORT"]
SHARES = {"public": 6, "my requests": 4}
PAGES_A_SECOND = 20.0
PASSWORD = "a password of a benchmark"  # noqa: S105 - nothing real is kept under it


def sign_ins(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield the sign-in of each person in turn, from networks of their own."""
    chance = random.Random(3)  # noqa: S311 - no secret
    while True:
        body = json.dumps({"username": f"driver{chance.randrange(1, count + 1)}", "password": PASSWORD}).encode()
        address = f"{chance.randrange(11, 190)}.{chance.randrange(256)}.{chance.randrange(256)}.7"
        yield (
            "sign-in",
            FLOOD["http"]("POST", "/api/v1/sessions", body, address=address, Content_Type="application/json"),
        )


def crowd(count: int, clients: int, seconds: float, *events: Any) -> None:
    """Sign in over and over, in a process apart."""
    CROWD["apart"](*events, partial(CROWD["one_after_the_other"], PORT, sign_ins(count), (0.0, seconds), clients))


async def open_pages(pages: Mapping[str, Sequence[bytes]], seconds: float, caller: int | None) -> tuple[Any, float]:
    """Open pages; return what was seen, and the servers' processor time in these seconds."""
    before = PROCESSOR["total"](but=caller)
    calls = OVERLOAD["everybody"](pages, SHARES)
    opened = asyncio.create_task(CROWD["as_they_come"](PORT, calls, (0.0, seconds), OVERLOAD["gaps"](PAGES_A_SECOND)))
    await asyncio.sleep(seconds)
    servers = PROCESSOR["total"](but=caller) - before
    seen, _ = await opened
    return seen, servers


def measure(name: str, pages: Mapping[str, Sequence[bytes]], options: argparse.Namespace, clients: int) -> None:
    """Print how many signed in, and how long pages took."""
    context, seconds = multiprocessing.get_context("spawn"), options.seconds
    events = context.Event(), context.Event(), context.Queue()
    people = context.Process(target=crowd, args=(options.people, clients, seconds, *events))
    if clients:
        people.start()
        events[0].wait()
        events[1].set()
    seen, servers = asyncio.run(open_pages(pages, seconds, people.pid))
    came = CROWD["seen_in"](PORT, (0.0, 0.0))
    if clients:
        came = CROWD["Seen"].of(events[2].get()[0])
        people.join()
    took, answers = came.let_in.get("sign-in", []), dict(came.answers.get("sign-in", {}))
    print(f"\n**{name}**: {came.good.total() / seconds:.1f} sign-ins a second, {CROWD['cuts'](took)};", end=" ")
    print(f"{answers or 'none'};\nprocessor time of the servers {servers / seconds:.2f} s a second\n")
    print("| pages | opened | p50; p99 | answers |\n|---|---:|---:|---|")
    for kind, found in sorted(seen.answers.items()):
        times = seen.let_in[kind]
        print(f"| {kind} | {len(times)} | {CROWD['cuts'](times)} | {dict(found)} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=48)
    parser.add_argument("--people", type=int, default=2_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder, postgres, valkey, core = stack.enter_context(FLOOD["opened"](FLOOD["SECRET"]))
        drivers = FORMS["settle"](core, options.people)
        with core.sessions.begin() as session:
            session.execute(update(Account).values(password_hash=core.passwords.hash(PASSWORD)))
        http = FLOOD["http"]
        signed_in = [
            http("GET", "/me", address=f"10.{one.member >> 8}.{one.member & 255}.7", Cookie=f"mawid={one.cookie}")
            for one in drivers[:200]
        ]
        pages = {"public": [http("GET", path, address="%NETWORK%") for path in OVERLOAD["PUBLIC"]]}
        pages["my requests"] = signed_in
        stack.enter_context(FLOOD["site"](postgres.url, valkey.url, folder, options.workers))
        asyncio.run(FLOOD["warm_up"](signed_in[0]))
        print(f"{options.workers} web processes, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        measure("pages alone", pages, options, 0)
        measure(f"{options.clients} clients sign in", pages, options, options.clients)


if __name__ == "__main__":
    main()
