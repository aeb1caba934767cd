"""The chances of each party size without and with compensation, over lotteries that the compensation never rehearsed.

Usage: python -P benchmarks/compensation.py [LARGEST] [LOTTERIES]   (3,000 requests and 20 lotteries by default)

A chance counts the requests that at least one of their bins could take.
"""

import sys
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation import Problem, compensated, even_compensation, solve
from allocation.building.samples import LARGER_PARTY_SHARES, country

PARTIES = range(1, 7)
SHAPES: dict[int, dict[str, int]] = {
    300: {"home_offices": 1, "consulates": 2, "days": 5},
    1_000: {"home_offices": 2, "consulates": 4, "days": 7},
    3_000: {"home_offices": 5, "consulates": 15, "days": 14},
    10_000: {"home_offices": 5, "consulates": 15, "days": 14},
    30_000: {"home_offices": 14, "consulates": 46, "days": 30},
}


def main() -> None:
    """Print one table."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    lotteries = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    print(f"{'':24}" + "".join(f"{party:>8}" for party in PARTIES) + f"{'apart':>8}{'people':>9}   party size")
    for size, shape in SHAPES.items():
        if size > largest:
            break
        problem = country(
            size, seed=1, parties=0.45, party_shares=LARGER_PARTY_SHARES, mixed_durations=True, pools=True, **shape
        )
        for name, each in (
            ("without", compensated(problem, {})),
            ("with", compensated(problem, even_compensation(problem))),
        ):
            chance, apart, people = chances(each, lotteries)
            cells = "".join(f"{value:8.3f}" for value in chance)
            print(f"{f'{size:,} {name}':24}{cells}{apart:8.4f}{people:9,.0f}", flush=True)


def chances(problem: Problem, lotteries: int) -> tuple[NDArray[np.float64], float, float]:
    """Chance of each party size, float64 (6,); mean distance from the chance of all; mean number of people served."""
    possible = np.zeros(problem.requests, np.bool_)
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    possible[problem.pair_request[fits]] = True
    served, people = np.zeros(problem.requests), 0
    for seed in range(lotteries):
        order = np.random.default_rng(1_000 + seed).permutation(problem.requests).astype(np.int32)
        plan = solve(replace(problem, order=order), seconds=0.1)
        served += plan.bin_of_request >= 0
        people += plan.served_people
    party = problem.party[possible]
    chance = np.array([served[possible][party == each].mean() for each in PARTIES]) / lotteries
    overall = served[possible].mean() / lotteries
    return chance, float(np.abs(chance[party - 1] - overall).mean()), people / lotteries


if __name__ == "__main__":
    main()
