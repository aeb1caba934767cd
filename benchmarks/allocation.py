"""The draw: time, proven gap and people served, beside first-come-first-served on the same requests.

Usage: python -P benchmarks/allocation.py [SECONDS]   (the limit for each draw; 15 unless told)
"""

import resource
import sys
from time import perf_counter

import numpy as np

from allocation import Plan, Problem, certify, first_come, in_line_order, solve, verify
from allocation.samples import country

CASES: dict[str, dict[str, float]] = {
    "1 k singles": {"requests": 1_000, "parties": 0, "home_offices": 5, "consulates": 0},
    "10 k singles": {"requests": 10_000, "parties": 0},
    "100 k singles": {"requests": 100_000, "parties": 0},
    "1 k, parties": {"requests": 1_000, "home_offices": 5, "consulates": 0},
    "10 k, parties": {"requests": 10_000},
    "10 k, parties, long services, 4 tiers": {"requests": 10_000, "long_service": 0.4, "tiers": 4},
    "10 k, parties, patient": {"requests": 10_000, "patience": 3, "days": 40},
    "30 k, parties, patient": {"requests": 30_000, "patience": 3, "days": 40},
}
HEADER = (
    f"{'':38} {'pairs':>9} {'solve s':>8} {'check s':>8} {'peak MB':>8} {'gap':>9} {'gap, people':>11}"
    f" {'served':>7} {'first-come':>10} {'in line':>8} {'1st choice':>10} {'late':>6}  verified"
)


def main() -> None:
    """Print one table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    print(HEADER)
    for name, shape in CASES.items():
        print(row(name, country(seed=1, **shape), seconds), flush=True)  # type: ignore[arg-type]


def row(name: str, problem: Problem, seconds: float) -> str:
    """Measure one case."""
    started = perf_counter()
    plan = solve(problem, seconds=seconds)
    solved = perf_counter()
    verification = verify(problem, plan, certify(problem, plan))
    checked = perf_counter()
    arrival = np.random.default_rng(0).permutation(problem.requests).astype(np.int32)
    fastest, in_line = first_come(problem, arrival), in_line_order(problem)
    first, late = placement(problem, plan)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{name:38} {problem.pairs:9,} {solved - started:8.2f} {checked - solved:8.2f} {peak:8,} {plan.gap:9.4%}"
        f" {plan.gap_people:11.1f} {plan.served_people:7,} {fastest.served_people:10,} {in_line.served_people:8,}"
        f" {first:10.1%} {late:6.1%}  {'yes' if verification.ok else verification.words()}"
    )


def placement(problem: Problem, plan: Plan) -> tuple[float, float]:
    """Share of the served requests in an office of first choice, and of those after their needed-by date."""
    used = plan.bin_of_request[problem.pair_request] == problem.pair_bin
    return float((problem.pair_rank[used] == 0).mean()), float(problem.pair_late[used].mean())


if __name__ == "__main__":
    main()
