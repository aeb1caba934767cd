"""Why not drawn, for each person: how many stood ahead, and what else would have given a place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Explainer
from booking.base.great_circle import great_circle_km
from booking.draws.decision import Decision
from booking.draws.format2.names import FORMAT
from booking.draws.leaf import Leaf
from booking.draws.problem import fitting
from booking.models.states import Pool

KM_OF_A_DAY: Final = 25
"""How far people would rather travel than come a day earlier or later than they wished; orders suggestions."""

_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Place:
    """Where an office is, and the door that offers it."""

    latitude: float
    longitude: float
    door: str


def explanations(decision: Decision, places: Mapping[str, Place]) -> list[dict[str, Any]]:
    """Explain each leaf's outcome.

    Parameters
    ----------
    decision
        What the draw decided.
    places
        Every office by code.

    Returns
    -------
    list of dict
        ``ahead``: people ahead in line who asked for any of the same offices. For those not served,
        ``suggestion``: an office code and a day, either of them not wished, that would have given a place;
        None where nothing would. ``fits`` is False, and else left out, where no place of the draw fits the wish,
        whoever else asked: such a lost draw does not count for another wish.
    """
    ahead = people_ahead(decision.frozen.leaves, decision.problem.order)
    suggester, unfit = _Suggester(decision, places), _unfit(decision)
    return [
        {"ahead": count}
        if seat
        else {"ahead": count, "suggestion": suggester.suggest(row)} | ({"fits": False} if row in unfit else {})
        for row, (count, seat) in enumerate(zip(ahead, decision.seats, strict=True))
    ]


def _unfit(decision: Decision) -> set[int]:
    """Return the leaves whose wish nothing fits; none in a draw of the formats in which every lost draw lasts."""
    if decision.frozen.facts.get("format") != FORMAT:
        return set()
    return set(np.flatnonzero(~fitting(decision.problem)).tolist())


def people_ahead(leaves: Sequence[Leaf], order: NDArray[np.int32]) -> list[int]:
    """Count the people ahead in line who asked for any of the same offices.

    Down the line, people are counted for every combination of offices that they asked for; the union of a
    request's offices then follows by inclusion and exclusion.
    """
    asked: Counter[tuple[str, ...]] = Counter()
    ahead = [0] * len(leaves)
    for row in np.argsort(order).tolist():
        wish = leaves[row].wish
        offices = sorted(wish.offices)
        for size in range(1, len(offices) + 1):
            for combination in combinations(offices, size):
                ahead[row] += asked[combination] if size % 2 else -asked[combination]
                asked[combination] += wish.party
    return ahead


class _Suggester:
    """Finds the nearest place that someone not served could have had; columns over the bins are made once."""

    def __init__(self, decision: Decision, places: Mapping[str, Place]) -> None:
        bins = decision.frozen.bins
        self._leaves, self._bins = decision.frozen.leaves, bins
        self._explainer = Explainer(decision.problem, decision.plan)
        self._codes = {code: number for number, code in enumerate(places)}
        self._office = np.array([self._codes[each.office] for each in bins], np.int64)
        self._day = np.array([each.day.toordinal() for each in bins], np.int64)
        self._weekday = (self._day - 1) % 7
        self._band = np.array([each.band for each in bins], np.str_)
        self._reserved = np.array([each.pool is Pool.ACCESSIBLE for each in bins], np.bool_)
        self._accessible = np.array([each.accessible for each in bins], np.bool_)
        doors = [place.door for place in places.values()]
        self._door = np.array(doors, np.str_)[self._office] if bins else np.empty(0, np.str_)
        self._km = _distances(list(places.values()))

    def suggest(self, row: int) -> dict[str, Any] | None:
        """Return the office and day that would have cost this request the least change, or None."""
        wish = self._leaves[row].wish
        helps = self._explainer.helpful(row)
        helps &= self._accessible if wish.accessible else ~self._reserved
        helps &= self._door == wish.door
        if wish.needed_by is not None:
            helps &= self._day <= wish.needed_by.toordinal()
        candidates = np.flatnonzero(helps & (self._day >= wish.first_day.toordinal()))
        if not candidates.size:
            candidates = np.flatnonzero(helps)
        if not candidates.size:
            return None
        effort = self._effort(row, candidates)
        # the first bin among equals: bins are in the order of office, day and time
        best = self._bins[int(candidates[np.argmin(effort)])]
        return {"office": best.office, "day": best.day.isoformat()}

    def _effort(self, row: int, candidates: NDArray[np.int64]) -> NDArray[np.float64]:
        """Kilometres from the first choice (none to an office that was asked for), and days besides the wish."""
        wish = self._leaves[row].wish
        own = [self._codes[code] for code in wish.offices if code in self._codes]
        kilometres = self._km[own[0]].copy() if own else np.zeros(len(self._codes))
        kilometres[own] = 0.0
        day = self._day[candidates]
        last = wish.last_day.toordinal() if wish.last_day else _NEVER
        days = np.maximum(wish.first_day.toordinal() - day, 0) + np.maximum(day - last, 0)
        unwished = ((wish.weekdays >> self._weekday[candidates]) & 1 == 0) | ~np.isin(
            self._band[candidates], wish.bands
        )
        effort: NDArray[np.float64] = kilometres[self._office[candidates]] + KM_OF_A_DAY * (days + unwished)
        return effort


def _distances(places: Sequence[Place]) -> NDArray[np.float64]:
    """Kilometres between offices, (n, n)."""
    table = np.zeros((len(places), len(places)))
    for here, one in enumerate(places):
        for there, other in enumerate(places[:here]):
            table[here, there] = table[there, here] = great_circle_km(
                one.latitude, one.longitude, other.latitude, other.longitude
            )
    return table
