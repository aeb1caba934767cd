"""The draw beside general solvers and simple rules, on the same requests.

Usage: python -P benchmarks/solvers.py [LARGEST] [SECONDS]   (10,000 requests and 60 seconds for HiGHS by default)

HiGHS gets the very model of ``docs/allocation.md``, through scipy; linear_sum_assignment gets one row for each single
request and one column for each place, which is a dense table, so only up to 10,000 requests.
"""

import resource
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import csr_array, vstack

from allocation import Problem, first_come, solve
from allocation.baselines import by_lot
from allocation.building.samples import country
from allocation.weights import weights

SIZES = (1_000, 10_000, 100_000)
LARGEST_TABLE = 10_000
PATIENCE = 5
"""Times its limit after which a solver is stopped: HiGHS does not look at its limit while it simplifies a model."""
HEADER = (
    f"{'':36} {'seconds':>8} {'MB more':>8} {'people':>8} {'units':>8}"
    f" {'objective':>10} {'1st choice':>10} {'in time':>8}"
)


def main() -> None:
    """Print one table."""
    if len(sys.argv) > 1 and sys.argv[1] in METHODS:
        print(row(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
        return
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    print(HEADER)
    for size in SIZES:
        for kind in ("singles", "parties"):
            for method in METHODS:
                table = method == "linear_sum_assignment"
                if size <= largest and not (table and (kind == "parties" or size > LARGEST_TABLE)):
                    command = [sys.executable, "-P", __file__, method, kind, str(size), seconds]
                    print(_answer(command, PATIENCE * float(seconds)), flush=True)


def _answer(command: list[str], seconds: float) -> str:
    try:
        answer = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"{command[-2]} {command[-3]}, {command[-4]}: no answer after {seconds:.0f} s"
    return answer.stdout.rstrip() or f"{command[-2]} {command[-3]}, {command[-4]}: {answer.stderr[-60:]}"


def row(method: str, kind: str, size: int, seconds: float) -> str:
    """Measure one method on one problem."""
    shape = {"home_offices": 2, "consulates": 4, "days": 7} if size <= 2_000 else {}
    solve(country(300, seed=9))  # compiles
    problem = country(size, seed=1, parties=0.45 if kind == "parties" else 0.0, **shape)  # type: ignore[arg-type]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = perf_counter()
    chosen = METHODS[method](problem, seconds)
    took = perf_counter() - started
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    served = chosen >= 0
    best = solve(problem).objective
    used = chosen[problem.pair_request] == problem.pair_bin
    name = f"{size:,} {kind}, {method}"
    value = int((problem.units * weights(problem))[served].sum())
    return (
        f"{name:36} {took:8.2f} {more:8,} {problem.party[served].sum():8,} {problem.units[served].sum():8,}"
        f" {value / best:10.4%} {(problem.pair_rank[used] == 0).mean():10.1%} {1 - problem.pair_late[used].mean():8.1%}"
    )


def _draw(problem: Problem, _: float) -> NDArray[np.int32]:
    return solve(problem).bin_of_request


def _first_come(problem: Problem, _: float) -> NDArray[np.int32]:
    arrival = np.random.default_rng(0).permutation(problem.requests).astype(np.int32)
    return first_come(problem, arrival).bin_of_request


def _lottery(problem: Problem, _: float) -> NDArray[np.int32]:
    return by_lot(problem, seed=0).bin_of_request


def _highs(problem: Problem, seconds: float) -> NDArray[np.int32]:
    """One binary variable a pair; rank and lateness far below a unit's weight, since exact steps would not fit."""
    pairs, units = np.arange(problem.pairs), problem.units[problem.pair_request].astype(float)
    once = csr_array((np.ones(problem.pairs), (problem.pair_request, pairs)), shape=(problem.requests, problem.pairs))
    load = csr_array((units, (problem.pair_bin, pairs)), shape=(problem.bins, problem.pairs))
    worth = weights(problem)[problem.pair_request] - 0.001 * problem.pair_rank - 0.01 * problem.pair_late
    answer = milp(
        -units * worth,
        integrality=np.ones(problem.pairs),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            vstack([once, load]), ub=np.concatenate((np.ones(problem.requests), problem.places))
        ),
        options={"time_limit": seconds},
    )
    chosen = np.full(problem.requests, -1, np.int32)
    if answer.x is not None:
        taken = np.flatnonzero(answer.x > 0.5)
        chosen[problem.pair_request[taken]] = problem.pair_bin[taken]
    return chosen


def _table(problem: Problem, _: float) -> NDArray[np.int32]:
    """One column for each place; pairs that are not accepted are worth nothing."""
    place = np.repeat(np.arange(problem.bins), problem.places)
    first = np.cumsum(problem.places) - problem.places
    worth = np.zeros((problem.requests, place.size))
    for request, column in zip(problem.pair_request.tolist(), problem.pair_bin.tolist(), strict=True):
        worth[request, first[column] : first[column] + problem.places[column]] = 1.0
    worth *= weights(problem)[:, None]
    rows, columns = linear_sum_assignment(worth, maximize=True)
    chosen = np.full(problem.requests, -1, np.int32)
    good = worth[rows, columns] > 0
    chosen[rows[good]] = place[columns[good]]
    return chosen


METHODS: dict[str, Callable[[Problem, float], NDArray[np.int32]]] = {
    "draw": _draw,
    "HiGHS": _highs,
    "linear_sum_assignment": _table,
    "first-come": _first_come,
    "lottery": _lottery,
}

if __name__ == "__main__":
    main()
