"""An upgrade without a pause, from an earlier commit to this one under load: how many calls fail, how long any waits.

Run with ``./run bench rolling [--since COMMIT] [--rate 3] [--seconds 15] [--part upgrade]``; it needs git, uv and
nginx. The earlier version's code runs with its own packages on a durable PostgreSQL and Valkey: two web processes
behind the nginx of ``deploy/proxy``, and a worker. Citizens come all the time, sign in on pages and by program, ask,
ask again with the same key, withdraw, hold, confirm, fetch the pass, cancel, sign out; nobody tries a call again.
Meanwhile who keeps it does what `docs/runbook.md` says: reads the plan, stops the workers where it says so, migrates,
brings one web process after the other to this version, starts the worker, finishes. Then each web process of this
version is started again by a plain SIGTERM, of which nobody tells the balancer.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from runpy import run_path
from typing import Any

import psycopg

from booking.platform.base.clock import SystemClock
from booking.platform.embedded import EmbeddedPostgres, EmbeddedValkey
from deploy.checks.free_ports import free_port

HERE = Path(__file__).parent / "upgrading"
VERSIONS, BALANCER, VISITORS = (run_path(str(HERE / f"{name}.py")) for name in ("versions", "balancer", "visitors"))
FIRST = "fb2c698f04c8e19f53015874d6404ba17cf3c79b"
"""Where the work on many machines began: schema 0026."""
PASSWORD_COSTS = {"MAWID_PASSWORD_HASH_MEMORY_KIB": "64", "MAWID_PASSWORD_HASH_ROUNDS": "1"}
KEPT = """
    SELECT 'request', reference, state FROM request
    UNION ALL SELECT 'appointment', reference, state FROM appointment
"""


class Upgrade:
    """The administrator: two web processes and a worker of one version become those of the next."""

    def __init__(self, before: Any, after: Any, balancer: Any, told: Any) -> None:
        self.before, self.after, self.balancer, self.told = before, after, balancer, told
        self.ports = [free_port() for _ in range(2)]
        self.webs = [before.web(port) for port in self.ports]
        self.worker = before.start("-m", "booking", "worker")

    def stage(self, name: str, work: Callable[[], object]) -> object:
        """Do one step; what is called meanwhile is counted as its own."""
        self.told.now, began = name, time.monotonic()
        found = work()
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
        return found

    def upgrade(self) -> None:
        """Do what the runbook says."""
        plan = str(self.stage("plan", lambda: self.after.run("upgrade", "--plan")))
        print("\n".join(f"    {line}" for line in plan.splitlines() if line[:4] != "    "), flush=True)
        if "Leave Mawid running" not in plan:
            assert "Stop the workers and leave the pages running first" in plan, plan
            self.stage("stop the worker", self.worker.stop)
        said = str(self.stage("migrate", lambda: self.after.run("migrate")))
        print("\n".join(f"    {line}" for line in said.splitlines()), flush=True)
        for number in range(2):
            self.stage(f"web {number + 1} becomes new", lambda number=number: self._replace(number))
        if self.worker.process.poll() is None:
            self.stage("stop the worker", self.worker.stop)
        self.worker = self.after.start("-m", "booking", "worker")
        said = str(self.stage("finish", lambda: self.after.run("migrate", "--finish", "--wait", "120")))
        print("\n".join(f"    {line}" for line in said.splitlines()), flush=True)

    def _replace(self, number: int) -> None:
        port = free_port()
        new = self.after.web(port)
        before, self.ports[number] = self.webs[number], port
        self.balancer.ask(self.ports)
        before.stop()
        self.webs[number] = new

    def restart(self) -> None:
        """Start each web process again at its own port, and tell nobody."""
        for number in range(2):
            self.stage(f"SIGTERM to web {number + 1}", self.webs[number].stop)
            self.webs[number] = self.after.web(self.ports[number])
            self.stage("pause", lambda: time.sleep(5))

    def end(self) -> None:
        """End all processes."""
        for one in (*self.webs, self.worker):
            one.kill()


async def under_load(upgrade: Upgrade, given: dict[str, Any], options: argparse.Namespace) -> int:
    """Do the upgrade while people come; return how many came."""
    stop, slots = asyncio.Event(), cycle(given["slots"])
    coming = asyncio.create_task(
        VISITORS["keep_coming"](upgrade.told, upgrade.balancer.port, given["people"], slots, options.rate, stop)
    )
    try:
        for part in ("upgrade", "restart"):
            if options.part in {part, "both"}:
                await asyncio.to_thread(upgrade.stage, f"before: {part}", lambda: time.sleep(options.seconds))
                await asyncio.to_thread(getattr(upgrade, part))
        await asyncio.to_thread(upgrade.stage, "after", lambda: time.sleep(options.seconds))
    finally:
        stop.set()
    return await coming


def report(told: Any, came: int, dsn: str) -> None:
    """Print what everybody was told, and compare it with what is kept; fails where anything is not as it was said."""
    calls = sum(told.by_stage.values())
    print(f"\n{came} people, {calls} calls, {len(told.failed)} failed")
    print("\n| stage | calls | slowest |\n|---|---:|---:|")
    for stage, count in told.by_stage.items():
        print(f"| {stage} | {count} | {told.slowest[stage]:.2f} s |")
    print("\n| call | made | p50 | p99 |\n|---|---:|---:|---:|")
    for kind, took in told.took.items():
        cuts = statistics.quantiles(took, n=100) if len(took) > 1 else took * 99
        print(f"| {kind} | {len(took)} | {cuts[49] * 1e3:.0f} ms | {cuts[98] * 1e3:.0f} ms |")
    mixed = sum(len(found) > 1 for found in told.statics.values())
    print(f"\nstatic files that browsers keep for a year with another version's content: {mixed}")
    with psycopg.connect(dsn) as connection:
        kept = {(kind, reference): state for kind, reference, state in connection.execute(KEPT)}
        failed = connection.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'").fetchall()
        steps = [name for (name,) in connection.execute("SELECT name FROM contract_step ORDER BY name")]
    wrong = [one for one in told.withdrawn if kept.get(("request", one)) != "withdrawn"]
    wrong += [one for one in told.waiting if kept.get(("request", one)) not in {"accepted", "carried_over"}]
    wrong += [one for one in told.cancelled if kept.get(("appointment", one)) != "cancelled"]
    acknowledged = len(told.withdrawn) + len(told.waiting) + len(told.cancelled)
    print(f"{acknowledged} acknowledged, {len(wrong)} of them not so in the database; jobs that failed: {failed}")
    print(f"steps that waited for the version before, and are done: {', '.join(steps)}")
    for one, count in Counter(told.failed).most_common():
        print(f"    {count} × {one}")
    if told.failed or wrong or failed:
        sys.exit(1)


def earlier(options: argparse.Namespace, folder: Path, stack: ExitStack) -> tuple[Path, str]:
    """Return where the version is with which it begins, and its Python: this one where nothing is upgraded."""
    if options.part == "restart":
        return VERSIONS["ROOT"], sys.executable
    if options.earlier is not None:
        return options.earlier, str(options.earlier / ".venv/bin/python")
    code, python = stack.enter_context(VERSIONS["checked_out"](options.since, folder))
    return code, python


def main() -> None:
    """Upgrade, and print what happened to those who came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", default=FIRST, help="the earlier commit")
    parser.add_argument("--part", choices=("upgrade", "restart", "both"), default="both")
    parser.add_argument("--earlier", type=Path, help="a checkout of it with its packages in .venv, where there is one")
    parser.add_argument("--rate", type=float, default=3.0, help="people a second, some sixteen calls each")
    parser.add_argument("--seconds", type=float, default=15.0, help="before the upgrade and after it")
    parser.add_argument("--keep", type=Path, help="a new folder, which is kept: logs, servers' data")
    parser.add_argument("--people", type=int, default=3_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mawid-rolling-")))
        folder.mkdir(exist_ok=True)
        code, python = earlier(options, folder, stack)
        postgres = stack.enter_context(EmbeddedPostgres(folder / "p"))
        valkey = stack.enter_context(EmbeddedValkey(folder / "v"))
        environment = {
            "MAWID_DATABASE_URL": postgres.url,
            "MAWID_REDIS_URL": valkey.url,
            "MAWID_SECRET_KEY": "the secret of a benchmark, which protects nobody",
            "MAWID_STATE_DIR": str(folder / "state"),
            "MAWID_TRUSTED_PROXIES": "127.0.0.1",
            "MAWID_WORKERS": "1",
            **PASSWORD_COSTS,
        }
        before = VERSIONS["Version"](code.name, code, python, environment, folder / "before.log")
        after = VERSIONS["Version"]("this version", VERSIONS["ROOT"], sys.executable, environment, folder / "after.log")
        before.run("migrate")
        asked = [str(options.people), str(3 * options.people), VISITORS["PASSWORD"]]
        given = json.loads(before.python_of(str(HERE / "people.py"), *asked).splitlines()[-1])
        balancer = BALANCER["Balancer"](folder, free_port())
        upgrade = Upgrade(before, after, balancer, VISITORS["Told"]())
        stack.callback(upgrade.end)
        stack.enter_context(balancer.started(upgrade.ports))
        print(f"{SystemClock().now():%Y-%m-%d}, from {before.name}, {options.rate:g} people a second", flush=True)
        came = asyncio.run(under_load(upgrade, given, options))
        report(upgrade.told, came, postgres.dsn)
        for line in balancer.said():
            print(f"    nginx: {line}")


if __name__ == "__main__":
    main()
