"""What a draw is summed up by, on its public page and for analysts."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from booking.drawing.decision import Decision
from booking.drawing.files import Leaf

GROUPS: Final[Mapping[str, Callable[[Leaf], str]]] = {
    "service": lambda leaf: leaf.wish.service,
    "party": lambda leaf: str(leaf.wish.party),
    "door": lambda leaf: leaf.wish.door,
    "priority": lambda leaf: str(leaf.priority),
}
"""By what chances are compared; the page shows served beside asked for each value."""


def figures(decision: Decision) -> dict[str, Any]:
    """Sum a draw up in JSON values.

    Returns
    -------
    dict
        ``asked_requests``, ``asked_people``, ``served_requests``, ``served_people``, ``first_choice`` (requests
        served in their first office), ``places`` (units offered), ``used`` (units given), ``gap`` (proven
        distance to the best plan, a share), ``gap_people``, ``objective``, ``bound``, ``status``; and ``groups``:
        for each of `GROUPS` and each value, ``asked`` and ``served`` requests.
    """
    problem, plan = decision.problem, decision.plan
    groups: dict[str, dict[str, dict[str, int]]] = {}
    for name, value in GROUPS.items():
        counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"asked": 0, "served": 0})
        for leaf, seat in zip(decision.frozen.leaves, decision.seats, strict=True):
            counts[value(leaf)]["asked"] += 1
            counts[value(leaf)]["served"] += bool(seat)
        groups[name] = dict(sorted(counts.items()))
    return {
        "asked_requests": problem.requests,
        "asked_people": int(problem.party.sum(dtype="int64")),
        "served_requests": plan.served_requests,
        "served_people": plan.served_people,
        "first_choice": int((decision.rank == 0).sum()),
        "places": int(problem.places.sum(dtype="int64")),
        "used": plan.served_units,
        "gap": plan.gap,
        "gap_people": plan.gap_people,
        "objective": plan.objective,
        "bound": plan.bound,
        "status": plan.status.value,
        "groups": groups,
    }
