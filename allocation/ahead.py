"""Compile ahead: what a draw runs is compiled on tiny countries before somebody waits for a real one."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np

from allocation.baselines import in_line_order
from allocation.building.samples import country
from allocation.checking.certificate import certify
from allocation.checking.verify import verify
from allocation.compiled import is_kept
from allocation.components import components
from allocation.explaining.chains import mark_moves
from allocation.explaining.explain import Explainer
from allocation.explaining.nearest import Places, Wished, nearest
from allocation.explaining.rivals import people_ahead
from allocation.improving.draft import rounded_draft
from allocation.improving.neighbourhoods import Neighbourhoods
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


def is_compiled() -> bool:
    """Return whether all of it is on disk already, judged by a function that only the last steps run."""
    return is_kept(mark_moves)


def _steps() -> Iterator[Callable[[], object]]:
    small = partial(country, 200, seed=1, home_offices=3, consulates=2, days=6)
    for problem in (small(parties=0.0), small(parties=0.45, mixed_durations=True, pools=True, tiers=2)):
        plans: list[Plan] = []
        yield partial(_solve, problem, plans)
        yield partial(_verify, problem, plans)
        yield partial(_explain, problem, plans)
        yield partial(in_line_order, problem)


def _solve(problem: Problem, plans: list[Plan]) -> None:
    plans.append(solve(problem, seconds=SECONDS))
    for part in components(problem):
        line = part.line
        rounded_draft(line)  # as in draws that are too large to be tried here
        nobody, nothing = np.full(line.requests, -1, np.int32), np.zeros(line.bins, np.int64)
        list(Neighbourhoods(line, nothing).worst_first(nobody, nothing))


def _verify(problem: Problem, plans: list[Plan]) -> None:
    verify(problem, plans[0], certify(problem, plans[0]))


def _explain(problem: Problem, plans: list[Plan]) -> None:
    explainer = Explainer(problem, plans[0])
    for request in np.flatnonzero(plans[0].bin_of_request < 0)[:3].tolist():
        explainer.helpful(request)
    none, bits = np.zeros(problem.requests, np.int64), np.ones(problem.requests, np.int64)
    wished = Wished(bits, none, none, none, bits, bits, none, np.arange(2), np.zeros(1, np.int64))
    bins = np.zeros(problem.bins, np.int64)
    nearest(problem, plans[0], wished, Places(bins, bins, bins, bins, bins, np.zeros((1, 1))), km_of_a_day=1)
    people_ahead(none, [("one",)], problem.party, problem.order)
