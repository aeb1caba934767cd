"""Kill -9 of everything under load of every kind; then what each client was told is compared with what is kept.

Run with ``./run bench chaos [--kills 200] [--minutes 60] [--seed 1] [--only "PostgreSQL,Valkey"] [--keep FOLDER]``.
It starts its own durable PostgreSQL and Valkey, PgBouncer, two web processes with their register, a worker, and a
process that draws as often as it may, a scheduler and two workers of Dask with a process that lends them work, all as
systemd would start them again. Clients ask for a draw, answer what it offers, book, cancel, come to the counter and are
served, send photos that are converted, are let past the draw by an officer, and pay for what is issued to them at once.
Then one process after the other is killed, each as soon as calls are accepted again after the one before, or work that
was lent is back. In the end everything is left in peace until the last draw is over, and looked through
(`troubled.history`, `troubled.soundness`); ends with status 1 where anything is lost, there twice or oversold.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from benchmarks.troubled.calls import Client, Told
from benchmarks.troubled.history import Entry, History, faults, read_history
from benchmarks.troubled.lender import other_results, read_lent
from benchmarks.troubled.people import People, watch_draws
from benchmarks.troubled.settled import Citizen, Settling, open_country
from benchmarks.troubled.soundness import unfinished, unsound
from benchmarks.troubled.stack import LENT, Stack, a_stack, kill
from booking.antifraud.gate.versions import publish_model
from booking.country.core.core import Core
from booking.country.core.roles import migrate_and_grant
from booking.opening import open_core
from booking.platform.base.settings import Settings
from booking.platform.embedded import Servers
from deploy.checks.free_ports import free_port
from fraud import train

PORT: Final = free_port()
SECRET: Final = "the secret of a benchmark, which protects nobody"  # noqa: S105 - nothing real is kept under it
CLIENTS: Final = 12
CITIZENS: Final = 200
"""People who are ready at least; as many more are written when half of them came."""
GIVE_UP: Final = 600.0
"""Seconds after a kill in which a change has to be accepted again."""
BETWEEN: Final = (0.1, 1.5)
"""Seconds of quiet from one recovery to the next kill."""
PEACE: Final = 300.0
"""Seconds in which the last draw has to be over."""
ENVIRONMENT: Final = {
    "MAWID_SECRET_KEY": SECRET,
    "MAWID_WORKERS": "2",
    "MAWID_STAFF_SECOND_FACTOR": "off",
    "MAWID_TRUSTED_PROXIES": "127.0.0.1",
    "MAWID_PAYMENT_PROVIDER": "sandbox",
    "MAWID_BASE_URL": "http://localhost:8000",
}


@dataclass
class Seen:
    """What came of the kills: seconds until a change was accepted again, by what was killed."""

    recovered: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def kills(self) -> int:
        """How many there were."""
        return sum(map(len, self.recovered.values()))


@contextmanager
def core_on(servers: Servers, folder: Path) -> Iterator[Core]:
    """Open a core as whoever set the installation up."""
    settings = Settings(
        _env_file=None,
        secret_key=SECRET,
        state_dir=folder / "state",
        payment_provider="sandbox",
        base_url=ENVIRONMENT["MAWID_BASE_URL"],
    )
    with open_core(settings, database_url=servers.owner_url, redis_url=servers.redis_url) as core:
        yield core


async def kill_them(
    stack: Stack, told: Told, seen: Seen, chance: random.Random, *, kills: int, minutes: float, only: frozenset[str]
) -> None:
    """Kill one process after the other, and note how long it took until a change was accepted again."""
    over = time.monotonic() + 60 * minutes
    victims = {name: find for name, find in stack.victims().items() if not only or name in only}
    if stack.computes:
        await computed_again(stack, time.monotonic())
    while seen.kills < kills and time.monotonic() < over:
        await asyncio.sleep(chance.uniform(*BETWEEN))
        name = chance.choice(sorted(victims))
        found = await _found(victims[name], chance)
        at = time.monotonic()
        if not kill(found):
            continue
        took = await (computed_again(stack, at) if "Dask" in name else accepted_again(told, at))
        seen.recovered[name].append(took)
        words = f"{name} killed, again after {took:.2f} s; {seen.kills} kills, {len(told.accepted)} changes"
        print(words, file=sys.stderr, flush=True)


async def _found(find: Callable[[random.Random], int | None], chance: random.Random) -> int | None:
    """Look for a process to kill; one that lives for a moment only is waited for."""
    for _ in range(40):
        if (process := await asyncio.to_thread(find, chance)) is not None:
            return process
        await asyncio.sleep(0.05)
    return None


async def accepted_again(told: Told, at: float) -> float:
    """Return the seconds until the answer to a change that was sent after that moment."""
    looked = len(told.accepted)
    while time.monotonic() < at + GIVE_UP:
        for sent, answered in told.accepted[looked:]:
            if sent > at:
                return answered - at
        await asyncio.sleep(0.005)
    raise AssertionError(f"nothing was accepted for {GIVE_UP:.0f} seconds")


async def computed_again(stack: Stack, at: float) -> float:
    """Return the seconds until work that was lent after that moment had come back."""
    while time.monotonic() < at + GIVE_UP:
        for one in reversed(await asyncio.to_thread(read_lent, stack.folder / LENT)):
            if one.began > at:
                return one.ended - at
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing was computed for {GIVE_UP:.0f} seconds")


async def keep_coming(citizens: asyncio.Queue[Citizen], settling: Settling, stop: asyncio.Event) -> None:
    """Have new people ready, however many came."""
    while not stop.is_set():
        if citizens.qsize() < CITIZENS // 2:
            with suppress(DBAPIError):  # the database is away
                for one in await asyncio.to_thread(settling.more, CITIZENS):
                    citizens.put_nowait(one)
        await asyncio.sleep(0.1)


async def trouble(
    stack: Stack, core: Core, told: Told, history: History, *, breaking: Coroutine[None, None, None], **how: Any
) -> None:
    """Let everybody come, break what is to be broken, and return once nobody is under way any more.

    ``how``: how many clients there are, and whether there are a pooler and workers that compute.
    """
    office, settling = open_country(core, told), Settling(core)
    publish_model(core, artifact=train(seed=7, rows=4_000))
    citizens, stop = asyncio.Queue[Citizen](), asyncio.Event()
    for one in settling.more(CITIZENS):
        citizens.put_nowait(one)
    environment = {**os.environ, **ENVIRONMENT, "MAWID_STATE_DIR": str(stack.folder / "state")}
    pooled, computing = how.get("pooled", False), how.get("computing", False)
    await asyncio.to_thread(stack.start, environment, pooled=pooled, computing=computing)
    print("the site answers", file=sys.stderr, flush=True)
    people = People(core, office, told, history)
    everybody = Client(told, token="", address="192.0.2.9")
    living = [asyncio.create_task(people.live(stop, citizens)) for _ in range(how["clients"])]
    beside = [asyncio.create_task(keep_coming(citizens, settling, stop))]
    beside.append(asyncio.create_task(watch_draws(everybody, history, stop)))
    try:
        await breaking
    finally:
        stop.set()
    await asyncio.wait_for(asyncio.gather(*living, *beside), GIVE_UP)


def in_peace(core: Core) -> None:
    """Wait until the draws whose time has come are over, and the queue of jobs is empty.

    Raises
    ------
    AssertionError
        They are not after a time that is long enough.
    """
    give_up_at = time.monotonic() + PEACE
    while waiting := unfinished(core):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"these draws did not end: {waiting}")
        time.sleep(1)


def report(told: Told, seen: Seen, minutes: float) -> None:
    """Print what happened."""
    print(f"\n{seen.kills} kills in {minutes:.0f} minutes, {len(told.accepted)} changes accepted;")
    print(f"sent again: {dict(told.again.most_common())}; broken: {dict(told.broken) or 'none'}\n")
    print("| killed | times | again after: p50 | p99 | longest |\n|---|---:|---:|---:|---:|")
    everything = [one for each in seen.recovered.values() for one in each]
    for name, took in [*sorted(seen.recovered.items()), ("all", everything)]:
        print(f"| {name} | {len(took)} | {_words(took, 50)} | {_words(took, 99)} | {max(took):.2f} s |")
    print("\nrefused:", dict(told.refused) or "nothing")


def _words(took: list[float], percent: int) -> str:
    cut = statistics.quantiles(took, n=100, method="inclusive")[percent - 1] if len(took) > 1 else took[0]
    return f"{cut:.2f} s"


def main() -> int:
    """Print what happened, and what does not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60, help="no kill after these, however many there were")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--only", type=lambda text: frozenset(text.split(",")), default=frozenset())
    parser.add_argument("--no-pooler", dest="pooled", action="store_false")
    parser.add_argument("--no-dask", dest="computing", action="store_false")
    parser.add_argument("--keep", type=Path, help="a new folder, which is kept: history, logs, servers' data")
    parser.add_argument("--check", type=Path, help="a folder that was kept: only look through it, again or at last")
    options = parser.parse_args()
    if options.check:
        return look_through(options.check)
    with ExitStack() as running:
        folder = options.keep or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="mawid-chaos-")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        stack = running.enter_context(a_stack(folder, PORT))
        migrate_and_grant(stack.servers)
        core = running.enter_context(core_on(stack.servers, folder))
        told, seen, history = Told(PORT), Seen(), History(folder / "history.jsonl")
        print(f"{options.clients} clients, {os.cpu_count()} cores for everything, seed {options.seed},")
        print(f"{core.clock.now():%Y-%m-%d}, load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        began = time.monotonic()
        chance = random.Random(options.seed)  # noqa: S311 - where to kill, no secret
        breaking = kill_them(stack, told, seen, chance, kills=options.kills, minutes=options.minutes, only=options.only)
        how = {"clients": options.clients, "pooled": options.pooled, "computing": options.computing}
        asyncio.run(trouble(stack, core, told, history, breaking=breaking, **how))
        report(told, seen, (time.monotonic() - began) / 60)
        return conclude(history.entries, wrong_after(stack, core, told, history, stack.dsn))


def wrong_after(stack: Stack, core: Core, told: Told, history: History, dsn: str) -> list[str]:
    """Wait until the last draw is over, stop everything, and return what does not fit; ``dsn`` is a superuser's."""
    in_peace(core)
    stack.stop()
    history.close()
    broken = [f"answered with 500: {kind}, {count} times" for kind, count in told.broken.items()]
    lent = read_lent(stack.folder / LENT)
    if lent:
        print(f"lent to workers {len(lent)} times")
    return [
        *faults(history.entries, dsn),
        *unsound(core, stack.servers, history.entries),
        *other_results(lent),
        *broken,
    ]


def look_through(folder: Path) -> int:
    """Look through what a run kept, also one that was broken off; print and return as `conclude`."""
    entries = read_history(folder / "history.jsonl")
    with a_stack(folder, PORT) as stack, core_on(stack.servers, folder) as core:
        return conclude(entries, [*faults(entries, stack.dsn), *unsound(core, stack.servers, entries)])


def conclude(entries: list[Entry], wrong: list[str]) -> int:
    """Print what was acknowledged and what is wrong; return 1 where something is."""
    counts = Counter(one.kind for one in entries if one.phase == "told")
    print(f"\nacknowledged: {dict(counts)}\nfaults: {len(wrong) or 'none'}", *wrong[:40], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
