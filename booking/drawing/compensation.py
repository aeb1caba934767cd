"""What a unit of a request weighs by its size, fixed at closing, before the seed is known to anybody."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from allocation.compensate import even_compensation
from booking.drawing.files import Bin, Frozen, Leaf
from booking.drawing.limits import DrawLimits
from booking.drawing.problem import build_problem

EVEN: Final = "even"
"""Rule by which the draw is rehearsed until all sizes have the same chances."""
BY_POLICY: Final = "policy"
"""Rule by which the active policy holds the table."""
RULE: Final = "compensation_rule"


def compensation_facts(limits: DrawLimits, leaves: Sequence[Leaf], bins: Sequence[Bin]) -> dict[str, object]:
    """Give what draw.json says: the rule, and per mille by units."""
    if limits.party_compensation is not None:
        return {RULE: BY_POLICY, "compensation": dict(limits.party_compensation)}
    return {RULE: EVEN, "compensation": {str(units): weight for units, weight in _even(leaves, bins).items()}}


def follows_its_rule(frozen: Frozen) -> bool:
    """Whether the table in draw.json is the one that its rule gives for these requests and places."""
    return frozen.facts.get(RULE) != EVEN or _even(frozen.leaves, frozen.bins) == frozen.compensation


def _even(leaves: Sequence[Leaf], bins: Sequence[Bin]) -> Mapping[int, int]:
    """Rehearse with the line that only priorities give: the seed must not matter."""
    order = np.empty(len(leaves), np.int32)
    order[np.argsort([-leaf.priority for leaf in leaves], kind="stable")] = np.arange(len(leaves))
    return even_compensation(build_problem(leaves, bins, order))
