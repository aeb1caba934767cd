"""Small draws of mostly families: how far each method's plan is from the best, and from what it proves, in which time.

Usage: python -P benchmarks/family_draws.py [INSTANCES [METHOD ...]]   (100 instances and all methods by default;
36-100 goes on with number 36)

Draws of 60 to 400 requests, most of them parties of two to six, for bins of about ten to forty units, at 1.1 to 3 times
the places. *Draw* is `allocation.solve`; *before* is the same with its second generation of plans; HiGHS gets the very
model of ``docs/allocation.md``, through scipy; so does CP-SAT, with one worker and the processor time that HiGHS took.
*True* is the distance from the best plan known, *claimed* the one from the bound that the method states, *proven* the
one from what the certificate proves to anyone. Each is a share of the bound, in the mean and at worst.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

sys.path.insert(0, str(Path(__file__).parent.parent))
from allocation import Problem, certify, solve
from allocation.ahead import compile_ahead
from allocation.building.samples import LARGER_PARTY_SHARES, PARTY_SHARES, country
from allocation.weights import weights

SECONDS: Final = 15
PATIENCE: Final = 120
"""Seconds on the clock after which HiGHS stops."""
HEADER: Final = (
    f"{'':8} {'true mean':>10} {'worst':>9} {'claimed':>9} {'worst':>9} {'proven':>9} {'worst':>9} {'optimal':>8} s"
)
GAPS: Final = {1e-9: "without a gap", 1e-4: "within 0.01 %", 1e-3: "within 0.1 %", 1e-2: "within 1 %", 1.0: "at all"}
MOSTLY_SIX: Final = (0.1, 0.1, 0.2, 0.2, 0.4)


@dataclass(frozen=True)
class Answer:
    """What a method found and proved, and the processor seconds it took."""

    value: int
    bound: float
    seconds: float
    proven: float | None = None


def main() -> None:
    """Print a line for each draw, then a row for each method."""
    first, _, end = (sys.argv[1] if len(sys.argv) > 1 else "100").rpartition("-")
    methods = {name: METHODS[name] for name in sys.argv[2:] or METHODS}
    compile_ahead()
    table = []
    for number in range(int(first or 0), int(end)):
        problem = family_draw(number)
        answers: dict[str, Answer] = {}
        for name, method in methods.items():
            answers[name] = method(problem, answers)
        best = max(each.value for each in answers.values())
        found = "  ".join(
            f"{name} {1 - each.value / best:.4%} {1 - each.value / each.bound:.4%} {each.seconds:.1f} s"
            for name, each in answers.items()
        )
        print(f"{number:3} {problem.requests:4} requests {problem.pairs:5} pairs, best {best}: {found}", flush=True)
        table.append((best, answers))
    print(HEADER)
    for name in methods:
        print(row(name, table))
    for name in methods:
        print(spread(name, table))


def row(name: str, table: list[tuple[int, dict[str, Answer]]]) -> str:
    """Sum up one method."""
    answers = [answers[name] for _, answers in table]
    true = np.array([1 - answers[name].value / best for best, answers in table])
    claimed = np.array([max(0.0, 1 - each.value / each.bound) for each in answers])
    proven = np.array([1 - each.value / (each.proven or each.bound) for each in answers])
    seconds = np.array([each.seconds for each in answers])
    return (
        f"{name:8} {true.mean():10.4%} {true.max():9.4%} {claimed.mean():9.4%} {claimed.max():9.4%}"
        f" {proven.mean():9.4%} {proven.max():9.4%} {(claimed < 1e-6).mean():8.0%}"
        f" {seconds.mean():.1f} (at most {seconds.max():.1f})"
    )


def spread(name: str, table: list[tuple[int, dict[str, Answer]]]) -> str:
    """Count the draws by true gap, and those of them that took no longer than HiGHS, where it was asked."""
    gaps = np.array([1 - answers[name].value / best for best, answers in table])
    no_slower = np.array([answers[name].seconds <= answers.get("HiGHS", answers[name]).seconds for _, answers in table])
    counts = ", ".join(
        f"{np.count_nonzero(gaps <= least)} ({np.count_nonzero((gaps <= least) & no_slower)}) {words}"
        for least, words in GAPS.items()
    )
    return f"{name:8} of {len(gaps)} draws, no slower than HiGHS in brackets: {counts}"


def family_draw(number: int) -> Problem:
    """Draw an instance; it depends on its number alone."""
    random = np.random.default_rng([33, number])
    requests, demand = int(random.integers(60, 401)), float(random.choice([1.1, 1.5, 2.0, 3.0]))
    parties = float(random.choice([0.7, 0.85, 1.0]))
    shares = (PARTY_SHARES, MOSTLY_SIX, LARGER_PARTY_SHARES)[int(random.integers(3))]
    units = requests * (1 - parties + parties * sum(share * (size + 2) for size, share in enumerate(shares)))
    bins = max(4, units / demand / float(random.choice([10, 15, 25, 40])))
    bands, offices = int(random.choice([1, 2])), int(random.integers(1, 6))
    home = max(1, offices * 2 // 3)
    return country(
        requests,
        seed=1000 + number,
        demand=demand,
        parties=parties,
        party_shares=shares,
        home_offices=home,
        consulates=offices - home,
        days=max(2, round(bins / offices / bands)),
        bands=bands,
    )


def _draw(problem: Problem, _: dict[str, Answer]) -> Answer:
    return _solve(problem)


def _before(problem: Problem, _: dict[str, Answer]) -> Answer:
    return _solve(problem, generation=2)


def _solve(problem: Problem, **how: int) -> Answer:
    began = process_time()
    plan = solve(problem, seconds=SECONDS, **how)  # type: ignore[arg-type]
    used = process_time() - began
    return Answer(plan.objective, plan.bound, used, certify(problem, plan).bound)


def _highs(problem: Problem, _: dict[str, Answer]) -> Answer:
    pairs, units = np.arange(problem.pairs), problem.units[problem.pair_request].astype(float)
    once = csr_array((np.ones(problem.pairs), (problem.pair_request, pairs)), shape=(problem.requests, problem.pairs))
    load = csr_array((units, (problem.pair_bin, pairs)), shape=(problem.bins, problem.pairs))
    limits = LinearConstraint(vstack([once, load]), ub=np.concatenate((np.ones(problem.requests), problem.places)))
    options = {"time_limit": PATIENCE, "mip_rel_gap": 0}
    began = process_time()
    answer = milp(
        -units * weights(problem)[problem.pair_request],
        integrality=np.ones(problem.pairs),
        bounds=Bounds(0, 1),
        constraints=limits,
        options=options,
    )
    used = process_time() - began
    value = 0 if answer.x is None else int(_value(problem)[answer.x > 0.5].sum())
    return Answer(value, -answer.mip_dual_bound, used)


def _cp_sat(problem: Problem, answers: dict[str, Answer]) -> Answer:
    model = cp_model.CpModel()
    choices = [model.new_bool_var("") for _ in range(problem.pairs)]
    units = problem.units[problem.pair_request]
    for edges in zip(problem.first_pair[:-1].tolist(), problem.first_pair[1:].tolist(), strict=True):
        model.add_at_most_one(choices[slice(*edges)])
    for column, places in enumerate(problem.places.tolist()):
        here = np.flatnonzero(problem.pair_bin == column)
        some = [choices[pair] for pair in here.tolist()]
        model.add(cp_model.LinearExpr.weighted_sum(some, units[here].tolist()) <= places)
    model.maximize(cp_model.LinearExpr.weighted_sum(choices, _value(problem).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = DETERMINISTIC_SHARE * answers["HiGHS"].seconds if answers else SECONDS
    began = process_time()
    solver.solve(model)
    return Answer(int(solver.objective_value), solver.best_objective_bound, process_time() - began)


DETERMINISTIC_SHARE: Final = 0.35
"""Of CP-SAT's deterministic time in a second of the processor, so that it takes about as long as HiGHS."""


def _value(problem: Problem) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return problem.units[problem.pair_request] * weights(problem)[problem.pair_request]


METHODS: dict[str, Callable[[Problem, dict[str, Answer]], Answer]] = {
    "HiGHS": _highs,
    "CP-SAT": _cp_sat,
    "before": _before,
    "draw": _draw,
}

if __name__ == "__main__":
    main()
