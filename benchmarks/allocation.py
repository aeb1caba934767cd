"""The draw's solver: time, memory, proven gap, people served, and its check, from a thousand to a million requests.

Usage: python -P benchmarks/allocation.py [LARGEST] [SECONDS]   (100,000 requests and 15 seconds by default)

Each case runs in a process of its own, so that its memory is its own. The last lines fit how time grows.
"""

import resource
import subprocess
import sys
from time import perf_counter
from typing import Any

import numpy as np

from allocation import Plan, Problem, certify, first_come, in_line_order, solve, verify
from allocation.building.samples import LARGER_PARTY_SHARES, country

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
KINDS: dict[str, dict[str, Any]] = {
    "singles": {"parties": 0.0},
    "parties": {
        "parties": 0.45,
        "party_shares": LARGER_PARTY_SHARES,
        "mixed_durations": True,
        "pools": True,
        "tiers": 5,
    },
    "families": {"parties": 1.0},
}
"""Single requests; parties, durations and pools; families alone, where no single request closes a hole."""
HEADER = (
    f"{'':22} {'pairs':>10} {'bins':>6} {'solve s':>8} {'2 workers':>9} {'verify s':>8} {'peak MB':>8} {'gap':>10}"
    f" {'people':>7} {'served':>9} {'first-come':>10} {'in line':>9} {'1st choice':>10} {'late':>6}  verified"
)


def main() -> None:
    """Print one table."""
    if len(sys.argv) > 1 and sys.argv[1] in KINDS:
        print(row(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
        return
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seconds = sys.argv[2] if len(sys.argv) > 2 else "15"
    print(HEADER)
    times: dict[str, list[tuple[int, float]]] = {}
    for kind in KINDS:
        for size in SIZES:
            if size <= largest:
                command = [sys.executable, "-P", __file__, kind, str(size), seconds]
                line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()
                print(line, flush=True)
                times.setdefault(kind, []).append((size, float(line[22:].split()[2])))
    for kind, measured in times.items():
        large = [(n, seconds) for n, seconds in measured if n >= 10_000]
        if len(large) > 1:
            slope = np.polyfit(*np.log(np.array(large)).T, 1)[0]
            print(f"{kind}: time grows as n^{slope:.2f} from {large[0][0]:,} to {large[-1][0]:,} requests")


def row(kind: str, size: int, seconds: float) -> str:
    """Measure one case."""
    solve(country(300, seed=9, **KINDS[kind]), seconds=1)  # compiles
    problem = country(size, seed=1, **KINDS[kind], **_country_of(size))
    started = perf_counter()
    plan = solve(problem, seconds=seconds)
    solved = perf_counter()
    same = solve(problem, seconds=seconds, workers=2)
    again = perf_counter()
    certificate = certify(problem, plan)
    before = perf_counter()
    verification = verify(problem, plan, certificate)
    checked = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    arrival = np.random.default_rng(0).permutation(problem.requests).astype(np.int32)
    fastest, in_line = first_come(problem, arrival), in_line_order(problem)
    first, late = placement(problem, plan)
    good = verification.ok and same.digest == plan.digest
    return (
        f"{f'{size:,} {kind}':22} {problem.pairs:10,} {problem.bins:6,} {solved - started:8.2f} {again - solved:9.2f}"
        f" {checked - before:8.2f} {peak:8,} {plan.gap:10.5%} {plan.gap_people:7.1f} {plan.served_people:9,}"
        f" {fastest.served_people:10,} {in_line.served_people:9,} {first:10.1%} {late:6.1%}"
        f"  {'yes, the same on 2 workers' if good else verification.words()}"
    )


def placement(problem: Problem, plan: Plan) -> tuple[float, float]:
    """Share of the served requests in an office of first choice, and of those after their needed-by date."""
    used = plan.bin_of_request[problem.pair_request] == problem.pair_bin
    return float((problem.pair_rank[used] == 0).mean()), float(problem.pair_late[used].mean())


def _country_of(size: int) -> dict[str, int]:
    """Offices and days that fit the number of requests: sixty offices and thirty days for a nation."""
    if size <= 2_000:
        return {"home_offices": 2, "consulates": 4, "days": 7}
    if size <= 20_000:
        return {"home_offices": 5, "consulates": 15, "days": 14}
    return {"home_offices": 14, "consulates": 46, "days": 30}


if __name__ == "__main__":
    main()
