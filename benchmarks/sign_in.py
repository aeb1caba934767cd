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
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop
from sqlalchemy import update

from booking.models import Account

OVERLOAD = runpy.run_path(str(Path(__file__).with_name("overload.py")))
FLOOD, FORMS = OVERLOAD["FLOOD"], OVERLOAD["FORMS"]
PROCESSOR = OVERLOAD["PROCESSOR"]
PAGES_A_SECOND = 20.0
PASSWORD = "a password of a benchmark"  # noqa: S105 - nothing real is kept under it


def pages(public: Sequence[bytes], signed_in: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield pages without end."""
    for kind, payload in OVERLOAD["everybody"](public, signed_in, signed_in):
        yield ("public" if kind == "new" else "my requests"), payload


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


def crowd(count: int, clients: int, seconds: float, told: "multiprocessing.Queue[object]") -> None:
    """Sign in over and over, in a process apart."""
    seen = OVERLOAD["Seen"](time.perf_counter() + seconds)
    payloads = sign_ins(count)

    async def client() -> None:
        idle: list[object] = []
        while time.perf_counter() < seen.over:
            await seen.once(*next(payloads), idle)

    async def everyone() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    uvloop.run(everyone())
    told.put((seen.good, list(seen.let_in["sign-in"]), dict(seen.answers["sign-in"]), time.process_time()))


def measure(
    name: str, given: tuple[Sequence[bytes], Sequence[bytes]], options: argparse.Namespace, clients: int
) -> None:
    """Print how many signed in, and how long pages took."""
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[tuple[int, list[float], dict[str, int], float]] = context.Queue()
    people = context.Process(target=crowd, args=(options.people, clients, options.seconds, told))
    before = PROCESSOR["spent_by_servers"]()
    if clients:
        people.start()
        time.sleep(3)  # it imports as much as the site
    seen = asyncio.run(OVERLOAD["as_they_come"](pages(*given), options.seconds, PAGES_A_SECOND))
    good, took, answers, own = told.get() if clients else (0, [], {}, 0.0)
    if clients:
        people.join()
    spent = {one: used - before.get(one, 0) for one, used in PROCESSOR["spent_by_servers"]().items()}
    print(
        f"\n**{name}**: {good / options.seconds:.1f} sign-ins a second, {OVERLOAD['cuts'](took)}; {answers or 'none'};"
    )
    print(f"processor time of the servers {(sum(spent.values()) - own) / options.seconds:.2f} s a second\n")
    print("| pages | opened | p50; p99 | answers |\n|---|---:|---:|---|")
    for kind, found in sorted(seen.answers.items()):
        times = seen.let_in[kind]
        print(f"| {kind} | {len(times)} | {OVERLOAD['cuts'](times)} | {dict(found)} |", flush=True)


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
        public = [http("GET", path, address="%NETWORK%") for path in OVERLOAD["PUBLIC"]]
        stack.enter_context(FLOOD["site"](postgres.url, valkey.url, folder, options.workers))
        asyncio.run(FLOOD["warm_up"](signed_in[0]))
        print(f"{options.workers} web processes, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        measure("pages alone", (public, signed_in), options, 0)
        measure(f"{options.clients} clients sign in", (public, signed_in), options, options.clients)


if __name__ == "__main__":
    main()
