"""Households that come together: their requests in a draw, and the visits that they make."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocation import Mechanism, Plan, Problem
from allocation.gather import ALONE, gather
from booking.scheduling.draws.asked import APART
from booking.scheduling.draws.files import Bin, Frozen
from booking.scheduling.draws.leaf import Leaf


def without_lonely_links(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Take the household's pseudonym off requests with nobody of theirs to meet: it would only be published.

    Two requests can meet where they name an office in common.
    """
    households: dict[bytes, list[int]] = {}
    for row, leaf in enumerate(leaves):
        if leaf.together is not None:
            households.setdefault(leaf.together, []).append(row)
    meeting = {
        row
        for rows in households.values()
        for row in rows
        if any(set(leaves[row].wish.offices) & set(leaves[other].wish.offices) for other in rows if other != row)
    }
    return [leaf if row in meeting else replace(leaf, together=None) for row, leaf in enumerate(leaves)]


def come_together(frozen: Frozen, problem: Problem, plan: Plan) -> Plan:
    """Bring the requests of each household to one office-day where that makes nobody else worse off.

    Only in plans by exchange: where each in turn takes the best that is left, nobody is moved.
    """
    link = frozen.asked.together
    if np.all(link == APART) or frozen.mechanism is not Mechanism.EXCHANGE:
        return plan
    return gather(problem, plan, link=np.where(link == APART, ALONE, link), visit=_visits(frozen.bins))


def together_figures(frozen: Frozen, bin_of_leaf: NDArray[np.integer], *, least: int = 1) -> dict[str, Any]:
    """Count the visits of households that wished to come together; nothing where fewer than ``least`` requests did.

    ``households``: with at least two requests served; ``requests`` of theirs that are served, their ``visits``, and the
    visits ``saved``: how many fewer that is than one for each request.
    """
    household = frozen.asked.together
    if int((household != APART).sum()) < least:
        return {}
    served = np.flatnonzero((household != APART) & (bin_of_leaf >= 0))
    of_household = np.bincount(household[served])
    served = served[of_household[household[served]] > 1]
    pairs = np.stack([household[served], _visits(frozen.bins)[bin_of_leaf[served]]])
    requests, visits = served.size, np.unique(pairs, axis=1).shape[1]
    households = np.unique(household[served]).size
    figures = {"households": households, "requests": requests, "visits": visits, "saved": requests - visits}
    return {"together": figures}


def _visits(bins: Sequence[Bin]) -> NDArray[np.int32]:
    numbers: dict[tuple[str, int], int] = {}
    return np.array([numbers.setdefault((each.office, each.day.toordinal()), len(numbers)) for each in bins], np.int32)
