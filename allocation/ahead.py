"""Compile ahead: what a draw runs is compiled on tiny countries before somebody waits for a real one."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np

from allocation.baselines import in_line_order
from allocation.building.samples import country
from allocation.checking.certificate import certify
from allocation.checking.verify import verify
from allocation.explaining.explain import Explainer
from allocation.plan import Plan
from allocation.problem import Problem
from allocation.solver import solve

SECONDS: Final = 0.2
"""Of improvement; enough to enter each kind of neighbourhood."""

STEPS: Final = 8
"""How many times progress is told."""


def compile_ahead(on_progress: Callable[[int], None] = lambda _: None) -> None:
    """Let a tiny draw of singles and one of families go every way that a draw goes.

    What is compiled is kept on disk where a folder can be written to (see `allocation.compiled`), so on a machine that
    has drawn before this takes about two seconds.

    Parameters
    ----------
    on_progress
        Told how many of `STEPS` are done, after each.
    """
    for done, step in enumerate(_steps(), start=1):
        step()
        on_progress(done)


def _steps() -> Iterator[Callable[[], object]]:
    small = partial(country, 200, seed=1, home_offices=3, consulates=2, days=6)
    singles, families = small(parties=0.0), small(parties=0.45, mixed_durations=True, pools=True, tiers=2)
    for problem in (singles, families):
        plans: list[Plan] = []
        yield lambda problem=problem, plans=plans: plans.append(solve(problem, seconds=SECONDS))
        yield lambda problem=problem, plans=plans: verify(problem, plans[0], certify(problem, plans[0]))
        yield lambda problem=problem, plans=plans: _explain(problem, plans[0])
        yield lambda problem=problem: in_line_order(problem)


def _explain(problem: Problem, plan: Plan) -> None:
    explainer = Explainer(problem, plan)
    for request in np.flatnonzero(plan.bin_of_request < 0)[:3].tolist():
        explainer.helpful(request)
