"""What breaks besides processes: full disks, a worker whose clock is wrong, a network that swallows everything.

Run with ``./run bench faults [--times 3] [--only disks,clocks,partitions]``, as root: it mounts small disks in memory
and makes a network namespace. The load, and what is compared in the end, are those of `chaos.py`. Disks: that of the
database, of Valkey, of the evidence, of logs and of temporary files is filled to the last byte for some seconds.
Clocks: a worker an hour ahead, then one an hour behind, lives beside the right one for more than a minute, so that each
of its periodic jobs comes up. Partitions: web processes and a worker live in a namespace of their own, and their
packets to the database, to Valkey, or to both are dropped for some seconds.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import chaos
from benchmarks.troubled import hosts
from benchmarks.troubled.calls import Told
from benchmarks.troubled.history import History
from benchmarks.troubled.stack import Stack, a_stack
from booking.country.core.roles import migrate_and_grant
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey, Servers, roles

Fault = Callable[[], AbstractContextManager[None]]

LASTS: Final = (2.0, 12.0)
"""Seconds of a full disk or a cut."""
OF_A_CLOCK: Final = 75.0
QUIET: Final = 3.0
DISKS: Final = {"p": 1000, "v": 40, "state": 60, "logs": 60, "tmp": 20}
"""Megabytes: of the database, of Valkey, of evidence, of all logs, of what is needed for a moment."""


async def break_and_mend(
    told: Told, seen: chaos.Seen, faults: dict[str, Fault], *, times: int, lasts: tuple[float, float]
) -> None:
    """Have each fault for a while, so many times, and note how long after its end changes are accepted again."""
    chance = random.Random(3)  # noqa: S311 - no secret
    for name, fault in [*faults.items()] * times:
        await asyncio.sleep(QUIET)
        before, began = len(told.accepted), time.monotonic()
        with fault():
            await asyncio.sleep(chance.uniform(*lasts))
            meanwhile = len(told.accepted) - before
        ended = time.monotonic()
        took = await chaos.accepted_again(told, ended)
        seen.recovered[name].append(took)
        words = f"{name} for {ended - began:.1f} s, {meanwhile} changes meanwhile, again after {took:.2f} s"
        print(words, file=sys.stderr, flush=True)


@contextmanager
def _small_disks(folder: Path) -> Iterator[tuple[Stack, dict[str, Fault]]]:
    with ExitStack() as running:
        for name, megabytes in DISKS.items():
            running.enter_context(hosts.small_disk(folder / name, megabytes))
        stack = running.enter_context(a_stack(folder, chaos.PORT))
        names = {"the database's disk": "p", "Valkey's disk": "v", "the disk of evidence": "state"}
        names |= {"the disk of logs": "logs", "the disk of temporary files": "tmp"}
        yield stack, {words: partial(hosts.full, folder / name) for words, name in names.items()}


@contextmanager
def _wrong_clocks(folder: Path) -> Iterator[tuple[Stack, dict[str, Fault]]]:
    with a_stack(folder, chaos.PORT) as stack:

        @contextmanager
        def beside(hours: int) -> Iterator[None]:
            unit = stack.add(f"worker {hours:+} h", hosts.with_wrong_clock(hours, "worker"), stack.environment)
            yield
            unit.stop()

        yield stack, {f"a worker {hours:+} h": partial(beside, hours) for hours in (1, -1)}


@contextmanager
def _far_away(folder: Path) -> Iterator[tuple[Stack, dict[str, Fault]]]:
    with ExitStack() as running:
        running.enter_context(hosts.another_host())
        postgres: EmbeddedPostgres = running.enter_context(hosts.ReachablePostgres(folder / "p"))
        valkey: EmbeddedValkey = running.enter_context(hosts.ReachableValkey(folder / "v"))
        far = f"postgresql+psycopg://{roles.APP}@{hosts.HERE}:{hosts.DATABASE_PORT}/mawid"
        cache = f"redis://{hosts.HERE}:{hosts.VALKEY_PORT}/0"
        owner, reader = map(postgres.url_of, (roles.OWNER, roles.READER))
        servers = Servers(far, cache, owner, reader)
        stack = Stack(folder, servers, chaos.PORT, (postgres, valkey), host=hosts.THERE, before=hosts.BEFORE)
        running.callback(stack.stop)
        ports = {"database": [hosts.DATABASE_PORT], "Valkey": [hosts.VALKEY_PORT]}
        ports["both"] = [*ports["database"], *ports["Valkey"]]
        yield stack, {f"no way to {name}": partial(hosts.cut, *of) for name, of in ports.items()}


KINDS: Final = {"disks": _small_disks, "clocks": _wrong_clocks, "partitions": _far_away}


def go_through(kind: str, *, times: int, clients: int) -> int:
    """Have the faults of one kind, and return 1 where anything does not fit."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix=f"mawid-{kind}-")))
        folder.chmod(0o711)
        stack, faults = running.enter_context(KINDS[kind](folder))
        migrate_and_grant(stack.servers)
        core = running.enter_context(chaos.core_on(stack.servers, folder))
        told, seen, history = Told(chaos.PORT, stack.host), chaos.Seen(), History(folder / "history.jsonl")
        print(f"\n**{kind}**: {clients} clients, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        began, lasts = time.monotonic(), (OF_A_CLOCK, OF_A_CLOCK) if kind == "clocks" else LASTS
        breaking = break_and_mend(told, seen, faults, times=times, lasts=lasts)
        asyncio.run(chaos.trouble(stack, core, told, history, breaking=breaking, clients=clients))
        chaos.report(told, seen, (time.monotonic() - began) / 60)
        return chaos.conclude(history.entries, chaos.wrong_after(stack, core, told, history, stack.dsn))


def main() -> int:
    """Go through all kinds that are asked for; where the machine does not let us, say so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--clients", type=int, default=chaos.CLIENTS)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(KINDS))
    options = parser.parse_args()
    if not hosts.may():
        print("not tried: small disks and network namespaces need root and the program ip")
        return 0
    return max(go_through(kind, times=options.times, clients=options.clients) for kind in options.only)


if __name__ == "__main__":
    sys.exit(main())
