"""Split an office-day again without taking away a place that somebody has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from booking.platform.models.states import Pool

Places = Mapping[Pool, int]


@dataclass(frozen=True, slots=True)
class Stranded:
    """Places of one pool of an office-day that are taken, and how many the policy would leave."""

    pool: Pool
    taken: int
    places: int


def stranded(wished: Sequence[Places], taken: Sequence[Places]) -> list[Stranded]:
    """Return the pools of an office-day of which more is taken than the policy would leave.

    Inside the day a place may stand in any slot, so only the day's totals count.
    """
    wished_total, taken_total = _totals(wished), _totals(taken)
    return [
        Stranded(pool, count, wished_total.get(pool, 0))
        for pool, count in sorted(taken_total.items())
        if count > wished_total.get(pool, 0)
    ]


def laid_out(wished: Sequence[Places], taken: Sequence[Places]) -> list[dict[Pool, int]]:
    """Return the places of each slot and pool: as wished, but nowhere fewer than are taken.

    Parameters
    ----------
    wished
        For each slot of an office-day the places that the policy gives, by pool.
    taken
        For each slot the places that somebody has.

    Returns
    -------
    list of dict
        Each slot keeps its sum, and each pool its day's total; a pool of which more is taken keeps just that, at the
        cost of those with most free places.

    Raises
    ------
    ValueError
        More is taken of a slot than it has places.

    Notes
    -----
    Totals first: a pool that lacks places gets them from the one with most room. Then slots: while a slot has fewer
    places of a pool than are taken, it changes one with another slot, which has more of that pool than it needs. Such
    a slot, and a pool to give for it, always exist, since the sums hold at least what is taken; each change brings
    the end one place nearer.
    """
    places = [{pool: slot.get(pool, 0) for pool in Pool} for slot in wished]
    held = [{pool: slot.get(pool, 0) for pool in Pool} for slot in taken]
    for slot, has in zip(places, held, strict=True):
        if sum(has.values()) > sum(slot.values()):
            raise ValueError("more places are taken than the slot has")
    _give_room(places, held)
    for slot, has in zip(places, held, strict=True):
        for pool in Pool:
            while slot[pool] < has[pool]:
                spare = max(Pool, key=lambda one: slot[one] - has[one])
                other = max(range(len(places)), key=lambda row: places[row][pool] - held[row][pool])
                slot[pool] += 1
                slot[spare] -= 1
                places[other][pool] -= 1
                places[other][spare] += 1
    return places


def _give_room(places: list[dict[Pool, int]], held: list[dict[Pool, int]]) -> None:
    """Let every pool of the day have at least what is taken of it."""
    total, needed = _totals(places), _totals(held)
    for pool in Pool:
        while total[pool] < needed[pool]:
            richest = max(Pool, key=lambda one: total[one] - needed[one])
            slot = max(places, key=lambda one: one[richest])
            slot[richest] -= 1
            slot[pool] += 1
            total[richest] -= 1
            total[pool] += 1


def _totals(slots: Sequence[Places]) -> dict[Pool, int]:
    return {pool: sum(slot.get(pool, 0) for slot in slots) for pool in Pool}
