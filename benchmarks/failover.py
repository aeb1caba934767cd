"""A primary that dies under load: its standby is promoted by itself, and nothing that was acknowledged is lost.

Run with ``./run bench failover [--times 10] [--machine]``; Patroni comes from PyPI, in an environment of its own. Two
PostgreSQL nodes replicate synchronously under Patroni, with a third voter, all on this machine; web processes and a
worker know both by ``MAWID_DATABASE_URL`` with two hosts and ``target_session_attrs=read-write``, as docs/runbook.md
says. Under the load of `chaos.py` the primary's PostgreSQL is killed, ten times, each once the dead node has come back
as a standby. With ``--machine`` its Patroni dies with it, as when a whole machine is lost: then the lock on being the
primary has to run out first. What clients were told is compared with what is kept, as after `chaos.py`.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks import chaos
from benchmarks.troubled.calls import Told
from benchmarks.troubled.cluster import Cluster, a_cluster
from benchmarks.troubled.history import History
from benchmarks.troubled.stack import Stack
from booking.country.core.roles import migrate_and_grant
from booking.platform.embedded import EmbeddedValkey
from booking.platform.embedded.postgres import SUPERUSER

PORT: Final = 5551
"""The first of a few."""
LIMIT: Final = 10.0
"""Seconds within which changes have to be accepted again."""
QUIET: Final = 3.0


async def fail_over(cluster: Cluster, told: Told, seen: chaos.Seen, *, times: int, machine: bool) -> None:
    """Kill the primary again and again; return once the last one is back as a standby."""
    for _ in range(times):
        await asyncio.sleep(QUIET)
        at = time.monotonic()
        name = await asyncio.to_thread(cluster.kill_primary, with_patroni=machine)
        took = await chaos.accepted_again(told, at)
        seen.recovered["the primary's machine" if machine else "the primary"].append(took)
        print(f"{name} died, accepted again after {took:.1f} s", file=sys.stderr, flush=True)
        cluster.units[name].release()
        await asyncio.to_thread(cluster.until_whole)


def main() -> int:
    """Print how long each failover took, and what does not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--clients", type=int, default=chaos.CLIENTS)
    parser.add_argument("--machine", action="store_true")
    parser.add_argument("--patroni", type=Path, default=Path(sys.prefix) / "patroni" / "bin")
    parser.add_argument("--keep", type=Path, help="a new folder, which is kept")
    options = parser.parse_args()
    with ExitStack() as running:
        folder = options.keep or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="mawid-failover-")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        valkey = running.enter_context(EmbeddedValkey(folder / "v"))
        cluster = running.enter_context(a_cluster(folder, options.patroni, PORT, dict(os.environ)))
        servers = cluster.servers(valkey.url)
        migrate_and_grant(servers)
        stack = Stack(folder, servers, chaos.PORT)
        running.callback(stack.stop)
        core = running.enter_context(chaos.core_on(servers, folder))
        told, seen, history = Told(chaos.PORT), chaos.Seen(), History(folder / "history.jsonl")
        print(f"{options.clients} clients, {os.cpu_count()} cores for everything, {core.clock.now():%Y-%m-%d},")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        began = time.monotonic()
        breaking = fail_over(cluster, told, seen, times=options.times, machine=options.machine)
        asyncio.run(chaos.trouble(stack, core, told, history, breaking=breaking, clients=options.clients))
        chaos.report(told, seen, (time.monotonic() - began) / 60)
        wrong = chaos.wrong_after(stack, core, told, history, cluster.address(SUPERUSER))
        longest = max(max(took) for took in seen.recovered.values())
        if longest > LIMIT and not options.machine:
            wrong.append(f"changes were accepted again after {longest:.1f} s only")
        return chaos.conclude(history.entries, wrong)


if __name__ == "__main__":
    sys.exit(main())
