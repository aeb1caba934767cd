"""What a unit of a request weighs by its size, fixed at closing, before the seed is known to anybody."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from allocation import Problem
from allocation.compensate import REHEARSED_REQUESTS, Rehearsing, by_tier, even_compensation
from booking.country.policy.limits import DrawLimits
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Bin, Frozen
from booking.scheduling.draws.problem import build_problem

EVEN: Final = "even"
"""Rule by which the draw is rehearsed until all sizes have the same chances."""
BY_POLICY: Final = "policy"
"""Rule by which the active policy holds the table."""
RULE: Final = "compensation_rule"


def compensation_facts(
    limits: DrawLimits, asked: Asked, bins: Sequence[Bin], *, spread: Rehearsing = map
) -> dict[str, object]:
    """Return what draw.json says: the rule, and per mille by units; ``spread`` does the rehearsals."""
    if limits.party_compensation is not None:
        return {RULE: BY_POLICY, "compensation": dict(limits.party_compensation)}
    if asked.requests > REHEARSED_REQUESTS:  # large draws are not rehearsed, and their problem is not built for it
        return {RULE: EVEN, "compensation": {}}
    # the line that only priorities give: the seed must not matter
    order = by_tier(asked.line.priority.astype(np.int64))
    table = even_compensation(build_problem(asked, bins, order), spread=spread)
    return {RULE: EVEN, "compensation": {str(units): weight for units, weight in table.items()}}


def follows_its_rule(frozen: Frozen, problem: Problem, *, spread: Rehearsing = map) -> bool:
    """Whether the table in draw.json is the one that its rule gives for the problem, whatever the line in it."""
    return frozen.facts.get(RULE) != EVEN or even_compensation(problem, spread=spread) == frozen.compensation
