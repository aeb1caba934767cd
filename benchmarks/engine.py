"""The draw's engine on a nation of one to ten millions: seconds, memory and proven gap of each step, and its check.

Usage: python -P benchmarks/engine.py [REQUESTS ...]   (1000000 by default; each in a process of its own)

The nation of `benchmarks/verification.py` as columns: 61 offices, 14 days and three bands, one request in three a
party of two to six, and half as many units of places as are asked for. *Peak* is the highest memory of the process up
to the end of the step. Ten millions have some 330 million acceptable pairs.
"""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final, TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from allocation import Problem, certify, solve, verify
from allocation.ahead import compile_ahead
from allocation.building.acceptable import Asked, Offered, Wishes, acceptable

T = TypeVar("T")
OFFICES, AT_HOME, DAYS, BANDS, SLOTS = 61, 14, 14, 3, 12
SECONDS: Final = 60
HEADER: Final = f"{'requests':>10} {'step':<8} {'seconds':>8} {'CPU':>8} {'peak GB':>8}"


def main() -> None:
    """Print a table for each number of requests."""
    if sys.argv[1:2] == ["alone"]:
        measure(int(sys.argv[2]))
        return
    print(HEADER)
    for size in sys.argv[1:] or ["1000000"]:
        subprocess.run([sys.executable, "-P", __file__, "alone", size], check=True)


def measure(size: int) -> None:
    """Print a row for each step of one draw."""
    compile_ahead()
    problem = timed(size, "build", lambda: nation(size))
    plan = timed(size, "solve", lambda: solve(problem, seconds=SECONDS))
    print(f"{'':10} ", {name: round(seconds, 1) for name, seconds in plan.stage_seconds.items()})
    certificate = timed(size, "certify", lambda: certify(problem, plan, hidden=True))
    report = timed(size, "verify", lambda: verify(problem, plan, certificate))
    print(
        f"{'':10} {problem.pairs:,} pairs, {problem.bins:,} bins; {plan.served_requests:,} requests served,"
        f" gap {plan.gap:.5%} ({plan.gap_people:.1f} people); plan {plan.digest.hex()[:16]};"
        f" {'verified' if report.ok else report.words()}",
        flush=True,
    )


def timed(size: int, name: str, step: Callable[[], T]) -> T:
    """Do a step and print its row."""
    began, used = perf_counter(), process_time()
    done = step()
    seconds, used = perf_counter() - began, process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{size:10,} {name:<8} {seconds:8.1f} {used:8.1f} {peak:8.2f}", flush=True)
    return done


def nation(requests: int) -> Problem:
    """Let so many ask for up to three offices near each other, most of them at home."""
    random = np.random.default_rng(requests)
    share = random.lognormal(0, 0.8, OFFICES)
    share[:AT_HOME] *= 9 / share[:AT_HOME].sum()
    share[AT_HOME:] /= share[AT_HOME:].sum()
    share /= share.sum()
    own = random.choice(OFFICES, requests, p=share)
    party = np.where(random.random(requests) < 1 / 3, random.integers(2, 7, requests), 1)
    begins = random.integers(0, DAYS, requests)
    ends = np.where(random.random(requests) < 1 / 3, DAYS, begins + random.integers(3, 20, requests))
    needed = np.where(random.random(requests) < 1 / 10, begins + 9, DAYS)
    one = 1 << random.integers(0, BANDS, requests)
    asked = Asked(
        first=begins,
        last=np.minimum(ends, needed),
        needed_by=needed,
        weekdays=np.full(requests, 127),
        bands=np.where(random.random(requests) < 1 / 2, (1 << BANDS) - 1, one),
        kind=np.zeros(requests, np.int64),
        units=party,
        accessible=np.zeros(requests, np.bool_),
    )
    offered = _offered(random, requests * (2 / 3 + 4 / 3) * share / 2)
    pairs, _ = acceptable(asked, _wishes(random, own), offered)
    tier = (np.arange(requests) < 10).astype(np.int16)  # a few who lost before, as in the invented draws
    order = np.empty(requests, np.int32)
    order[np.lexsort((random.random(requests), -tier))] = np.arange(requests, dtype=np.int32)
    columns = {f"pair_{name}": column for name, column in pairs._asdict().items()}
    return Problem(party=party, order=order, places=offered.places, tier=tier, **columns)


def _wishes(random: np.random.Generator, own: np.ndarray[Any, Any]) -> Wishes:
    """Up to three offices from their own on, sorted by request and office."""
    many = random.integers(1, 4, own.size)
    first, size = np.where(own < AT_HOME, 0, AT_HOME), np.where(own < AT_HOME, AT_HOME, OFFICES - AT_HOME)
    near = first[:, None] + (own - first)[:, None] + np.arange(3)
    near = np.where(near - first[:, None] < size[:, None], near, near - size[:, None])
    named = np.arange(3) < many[:, None]
    by_office = np.argsort(np.where(named, near, OFFICES), axis=1)
    named = np.take_along_axis(named, by_office, 1)
    office = np.take_along_axis(near, by_office, 1)[named]
    return Wishes(np.concatenate(([0], np.cumsum(many))), office, by_office[named])


def _offered(random: np.random.Generator, units: np.ndarray[Any, Any]) -> Offered:
    """Make a bin of each office, day and band, with its share of the units, some more and some less."""
    mean = np.repeat(units / DAYS / BANDS / SLOTS, DAYS * BANDS)
    free = np.maximum(1, np.rint(mean[:, None] * random.uniform(0.6, 1.4, (mean.size, SLOTS))))
    number = np.arange(mean.size)
    band = number % BANDS
    day = number // BANDS % DAYS
    return Offered(
        number=number,
        office=number // (DAYS * BANDS),
        day=day,
        weekday=1 << day % 7,
        band=1 << band,
        turn=band,
        pool=np.zeros(mean.size, np.int64),
        places=free.sum(axis=1).astype(np.int64),
        accessible=np.ones(mean.size, np.bool_),
        pool_cost=np.zeros((1, 1), np.int64),
    )


if __name__ == "__main__":
    main()
