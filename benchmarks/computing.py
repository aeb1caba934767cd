"""Heavy work in one process, and by two workers of Dask beside it: processor time, clock, and the same result.

Run with ``./run bench computing [PEOPLE]``: people are compared (200,000) and as many verdicts tried; two seasons of
attackers are played and a draw is rehearsed, of a fortieth as many. Workers and scheduler are started by their
commands, on this machine, without a certificate. With two processors no more than twice the speed can come of it.
"""

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocation.building.samples import country
from allocation.compensate import even_compensation
from booking.platform.base.settings_servers import ComputingSettings
from booking.platform.computing.spread import Computing
from deploy.checks.free_ports import free_port
from fraud.attackers import World, play
from fraud.facts import SCHEMA
from fraud.linkage import link, people
from fraud.linkage.weights import shipped
from fraud.rules.backtest import GROUPS, backtest_all
from fraud.rules.rule_set import default_rules

WORKERS = 2
FRAME = 5_000


def verdicts(count: int) -> list[pd.DataFrame]:
    """Make a history of verdicts with random facts, in frames as the database gives them."""
    rng = np.random.default_rng(1)
    frames = []
    for _ in range(count // FRAME):
        facts = {
            one.name: rng.random(FRAME) < 0.1 if one.kind == "flag" else one.low + rng.integers(0, 25, FRAME)
            for one in SCHEMA
        }
        about: dict[str, Any] = {"reference": "R", "person": "P", "at": pd.Timestamp("2026-03-01", tz="UTC")}
        frames.append(pd.DataFrame(facts).assign(known="served", **about, **dict.fromkeys(GROUPS, "one")))
    return frames


def works(count: int) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield each work with its name; it is given what spreads it."""
    frame, learned = people(count, seed=100), shipped()
    yield f"{len(frame):,} records compared", lambda spread: link(frame, learned=learned, spread=spread)
    history, rules = verdicts(count), default_rules()
    yield f"{count:,} verdicts tried", lambda spread: backtest_all(history, rules, rules, spread=spread).requests
    season = partial(play, world=World(people=count // 40))
    yield f"two seasons of {count // 40:,}", lambda spread: [one.asks for one in spread(season, (1, 2))]
    problem = country(count // 40, seed=1, parties=0.45, mixed_durations=True)
    yield f"a draw of {count // 40:,} rehearsed", lambda spread: even_compensation(problem, spread=spread)


@contextmanager
def workers() -> Iterator[tuple[str, list[int]]]:
    """Start a scheduler and workers; give the address, and whose processor time counts."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    environment = os.environ | {
        "MAWID_DASK_ADDRESS": address,
        "MAWID_DASK_OPEN_ON_THIS_MACHINE": "true",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    commands = [["scheduler", "--port", str(port)], ["worker", "--processes", str(WORKERS)]]
    running: list[subprocess.Popen[str]] = []
    try:
        for words in commands:
            command = [sys.executable, "-P", "-m", "booking", "computing", *words]
            running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            assert running[-1].stdout
            assert running[-1].stdout.readline()
        yield address, [one.pid for one in running]
    finally:
        for one in reversed(running):
            one.terminate()
            one.wait()


def used_by(roots: list[int]) -> float:
    """Sum the processor time of some processes and all that they started, in seconds."""
    parent, ticks = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        parent[int(folder.name)], ticks[int(folder.name)] = int(words[1]), sum(map(int, words[11:15]))
    total = 0
    for process, spent in ticks.items():
        up = process
        while up in parent and up not in roots:
            up = parent[up]
        total += spent if up in roots else 0
    return total / os.sysconf("SC_CLK_TCK")


def written(result: Any) -> str:
    """Write a result in one way only."""
    if isinstance(result, list):
        return "".join(map(written, result))
    return str(result.to_csv()) if isinstance(result, pd.DataFrame) else repr(result)


def measured(work: Callable[[Any], Any], spread: Any, others: list[int]) -> tuple[str, float, float, float]:
    """Do a work; return its result's hash, seconds by the clock, processor time here and elsewhere."""
    began, here, there = time.perf_counter(), time.process_time(), used_by(others)
    result = work(spread)
    seconds, used = time.perf_counter() - began, time.process_time() - here
    return hashlib.sha256(written(result).encode()).hexdigest(), seconds, used, used_by(others) - there


def main(count: int) -> None:
    """Print a table."""
    print(f"{'':>28}{'one process':>24}{'two workers beside it':>34}")
    print(f"{'':>28}{'clock':>12}{'processor':>12}{'clock':>10}{'here':>12}{'workers':>12}")
    with workers() as (address, others):
        computing = Computing(ComputingSettings(dask_address=address, dask_open_on_this_machine=True), alone_for=0)
        for _, work in works(FRAME):  # compiles, in each process
            with computing.opened() as spread:
                work(spread)
                work(map)
        for name, work in works(count):
            with computing.opened() as spread:
                alone = measured(work, map, [])
                together = measured(work, spread, others)
            assert alone[0] == together[0], f"{name}: another result"
            print(
                f"{name:>28}{alone[1]:>10.1f} s{alone[2]:>10.1f} s{together[1]:>8.1f} s{together[2]:>10.1f} s"
                f"{together[3]:>10.1f} s",
                flush=True,
            )
    print(
        f"the same results, bit for bit; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB here"
    )


if __name__ == "__main__":
    main(int(next(iter(sys.argv[1:]), "200000")))
