"""Visits that households save by coming together, on synthetic countries, and who pays for it.

Usage: python -P benchmarks/visits.py [LARGEST]   (30,000 requests by default)

One request in ten belongs to a household of two that asks at the same first office, each on days of its own. Of the
pairs of which both are served, "could" have an office and a day in common, "alone" meet without being brought
together, "met" meet. "1st" is the share of those linked who are in their first office, before and after.
"""

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from allocation import Plan, Problem, certify, solve, verify
from allocation.building.samples import country
from allocation.gather import ALONE, gather

SHARE, DAYS, BANDS = 0.1, 20, 2
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
HEADINGS = ("requests", "served", "could", "alone", "met", "visits", "saved", "1st", "after", "solve s", "gather s")


def main() -> None:
    """Print one table."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    print("".join(f"{name:>10}" for name in HEADINGS))
    for size, demand in ((size, demand) for size in SIZES for demand in (2.0, 1.1)):
        if size > largest:
            break
        problem = country(size, seed=1, demand=demand, parties=0.3, days=DAYS, bands=BANDS)
        pairs = households(problem)
        problem = same_wishes(problem, pairs)
        link, visit = np.full(size, ALONE, np.int32), np.arange(problem.bins, dtype=np.int32) // BANDS
        link[pairs] = np.arange(len(pairs))[:, np.newaxis]
        began = perf_counter()
        plan = solve(problem, seconds=8)
        solved = perf_counter()
        after = gather(problem, plan, link=link, visit=visit)
        gathered = perf_counter()
        if not verify(problem, after, certify(problem, after)).ok:
            raise SystemExit("the plan does not pass its check")
        served = pairs[(plan.bin_of_request[pairs] >= 0).all(axis=1)]
        alone, met = (int(meet(each, served, visit).sum()) for each in (plan, after))
        could = sum(bool(set(visits(problem, one)) & set(visits(problem, other))) for one, other in served.tolist())
        visited = 2 * len(served) - alone
        print(
            f"{size:10,}{len(served):10,}{could:10,}{alone:10,}{met:10,}{visited:10,}{(met - alone) / visited:10.1%}"
            f"{first_choice(problem, plan, served):10.1%}{first_choice(problem, after, served):10.1%}"
            f"{solved - began:10.1f}{gathered - solved:10.1f}",
            flush=True,
        )


def households(problem: Problem) -> NDArray[np.int64]:
    """Pair requests of the same first office, (k, 2)."""
    rng, best = np.random.default_rng(7), problem.pair_rank == 0
    office = np.full(problem.requests, -1)
    office[problem.pair_request[best]] = problem.pair_bin[best] // (DAYS * BANDS)
    pairs = []
    for one in range(int(office.max()) + 1):
        members = rng.permutation(np.flatnonzero(office == one))
        pairs.append(members[: int(SHARE * members.size) // 2 * 2].reshape(-1, 2))
    return np.concatenate(pairs)


def same_wishes(problem: Problem, pairs: NDArray[np.int64]) -> Problem:
    """Let the second of each pair wish for what the first does: a household has the same offices and days in mind."""
    like = np.arange(problem.requests)
    like[pairs[:, 1]] = pairs[:, 0]
    counts = np.diff(problem.first_pair)[like]
    rows = np.repeat(problem.first_pair[like], counts) + np.concatenate([np.arange(count) for count in counts])
    return replace(
        problem,
        pair_request=np.repeat(np.arange(problem.requests), counts).astype(np.int32),
        pair_bin=problem.pair_bin[rows],
        pair_rank=problem.pair_rank[rows],
        pair_late=problem.pair_late[rows],
        pair_cost=problem.pair_cost[rows],
    )


def visits(problem: Problem, request: int) -> list[int]:
    """Office-days that a request accepts in time."""
    rows = slice(problem.first_pair[request], problem.first_pair[request + 1])
    found: list[int] = (problem.pair_bin[rows][~problem.pair_late[rows]] // BANDS).tolist()
    return found


def meet(plan: Plan, pairs: NDArray[np.int64], visit: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the two of each pair are at one office on one day."""
    where = visit[plan.bin_of_request[pairs]]
    met: NDArray[np.bool_] = where[:, 0] == where[:, 1]
    return met


def first_choice(problem: Problem, plan: Plan, pairs: NDArray[np.int64]) -> float:
    """Share of the requests of these pairs that are in their first office."""
    rows = problem.pair_bin == plan.bin_of_request[problem.pair_request]
    rank = np.full(problem.requests, -1)
    rank[problem.pair_request[rows]] = problem.pair_rank[rows]
    return float((rank[pairs] == 0).mean()) if pairs.size else 0.0


if __name__ == "__main__":
    main()
