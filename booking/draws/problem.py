"""From frozen requests and bins to the allocation problem."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocation import Problem, lottery
from allocation.building.build import build
from booking.draws.files import Bin
from booking.draws.leaf import Leaf
from booking.models.states import Pool

_ACCESSIBLE: Final = "accessible"
_EVERYONE: Final = None
_POOLS: Final = (
    (Pool.DRAW, _EVERYONE, 0),
    (Pool.DRAW, _ACCESSIBLE, 1),
    (Pool.ACCESSIBLE, _ACCESSIBLE, 0),
)
"""Which kind of request may use which pool, and at which cost."""


class InLine(Protocol):
    """What decides where a request stands: its draws lost before, and whose it is."""

    @property
    def priority(self) -> int:
        """Draws lost before."""

    @property
    def person(self) -> bytes:
        """The person's pseudonym in this draw."""

    @property
    def receipt(self) -> bytes:
        """The receipt in this draw."""


def line_order(leaves: Sequence[InLine], seed: bytes, public: bytes) -> NDArray[np.int32]:
    """Position in line of each request: more lost draws first, then the person's lottery number.

    Requests of one person share the number; among them the receipt decides. ``public`` is what the seed is joined with
    in the key of the lottery (`booking.draws.files.Frozen.joined`).
    """
    numbers: dict[bytes, bytes] = {}
    for leaf in leaves:
        if leaf.person not in numbers:
            numbers[leaf.person] = lottery.lottery_number(seed, public, leaf.person)
    return lottery.line_order(
        [leaf.priority for leaf in leaves],
        [numbers[leaf.person] for leaf in leaves],
        [leaf.person + leaf.receipt for leaf in leaves],
    )


def build_problem(leaves: Sequence[Leaf], bins: Sequence[Bin], order: NDArray[np.int32]) -> Problem:
    """Return the bins that each request accepts, and how gladly.

    A bin is acceptable where its office is one of the ranked ones, and its day (in the window, while papers hold, on a
    wished weekday, not after the needed-by date) and band too. Places of the accessible pool, and only offices that are
    accessible, are for requests that ask for accessibility. Rank is the office's; inside it an earlier day is
    better, then an earlier band, then (for those who may use it) the accessible pool. An office that suits on
    some days only, such as a branch on a visit home, is acceptable on these alone.
    """
    wishes = [leaf.wish for leaf in leaves]
    offices = dict.fromkeys((code for wish in wishes for code in wish.offices), False)
    problem = build(
        pd.DataFrame(
            {
                "party": [wish.party for wish in wishes],
                "units": [wish.units for wish in wishes],
                "first_day": _days(leaf.first_day for leaf in leaves),
                "last_day": _days(leaf.last_day for leaf in leaves),
                "needed_by": _days(wish.needed_by for wish in wishes),
                "weekdays": [wish.weekdays for wish in wishes],
                "bands": [",".join(wish.bands) for wish in wishes],
                "kind": [_ACCESSIBLE if wish.accessible else _EVERYONE for wish in wishes],
                "accessible": [wish.accessible for wish in wishes],
                "tier": [leaf.priority for leaf in leaves],
                "position": order,
            }
        ),
        pd.DataFrame(
            [(row, code, rank) for row, wish in enumerate(wishes) for rank, code in enumerate(wish.offices)],
            columns=["request", "office", "rank"],
        ),
        capacity=pd.DataFrame(
            {
                "office": [each.office for each in bins],
                "day": _days(each.day for each in bins),
                "band": [each.band for each in bins],
                "pool": [each.pool.value for each in bins],
                "start": [int(each.starts_at.timestamp()) // 60 for each in bins],
                "places": [each.places for each in bins],
            }
        ),
        offices=pd.DataFrame(
            (offices | {each.office: each.accessible for each in bins}).items(), columns=["office", "accessible"]
        ),
        pools=pd.DataFrame(_POOLS, columns=["pool", "kind", "cost"]),
        strict=True,
    ).problem
    return _in_their_windows(problem, leaves, bins) if any(wish.windows for wish in wishes) else problem


def fitting(problem: Problem) -> NDArray[np.bool_]:
    """Return for each request, (n,), whether it accepts a bin that is large enough for it, whoever else does."""
    fits = problem.units[problem.pair_request] <= problem.places[problem.pair_bin]
    return np.bincount(problem.pair_request[fits], minlength=problem.requests).astype(np.bool_)


def _in_their_windows(problem: Problem, leaves: Sequence[Leaf], bins: Sequence[Bin]) -> Problem:
    """Leave out the bins of offices that suit on some days only, such as on a visit home, on other days."""
    suits = np.ones(problem.pairs, np.bool_)
    for row, leaf in enumerate(leaves):
        windows = {code: (first, last) for code, first, last in leaf.wish.windows}
        for pair in range(problem.first_pair[row], problem.first_pair[row + 1]) if windows else ():
            each = bins[int(problem.pair_bin[pair])]
            first, last = windows.get(each.office, (each.day, each.day))
            suits[pair] = first <= each.day <= last
    pairs = ("pair_request", "pair_bin", "pair_rank", "pair_late", "pair_cost")
    return replace(problem, **{name: getattr(problem, name)[suits] for name in pairs})


def _days(days: Iterable[date | None]) -> NDArray[Any]:
    return np.array(list(days), "datetime64[D]")
