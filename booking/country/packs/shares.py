"""Split capacity into pools in whole places, exactly and evenly."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

PoolT = TypeVar("PoolT")


def largest_remainder(shares: Mapping[PoolT, Decimal] | Mapping[PoolT, Fraction], total: int) -> dict[PoolT, int]:
    """Split ``total`` places by ``shares`` (Hamilton's method).

    Each pool gets its exact share rounded down; the places left over go to the largest fractions, and among equal
    ones to the pool that is listed first. So each pool is within one place of its exact share.

    Raises
    ------
    ValueError
        The shares are negative or do not add to 1, or ``total`` is negative.
    """
    if total < 0 or any(share < 0 for share in shares.values()) or sum(shares.values()) != 1:
        raise ValueError("needs places and shares that are not negative, and shares that add to 1")
    exact = {pool: Fraction(share) * total for pool, share in shares.items()}
    places = {pool: int(amount) for pool, amount in exact.items()}
    left_over = total - sum(places.values())
    for pool in sorted(exact, key=lambda pool: places[pool] - exact[pool])[:left_over]:
        places[pool] += 1
    return places


def split_places(
    shares: Mapping[PoolT, Decimal] | Mapping[PoolT, Fraction], units_per_slot: Sequence[int], *, block: int = 1
) -> list[dict[PoolT, int]]:
    """Split the units of one office-day into pools, slot by slot.

    The day's total of each pool follows `largest_remainder`; its units are then spread evenly over the day.

    Parameters
    ----------
    shares
        Exact shares by pool, adding to 1.
    units_per_slot
        Units (counters x units per counter) of each slot of the day, in order.
    block
        Units that stay together in a slot as far as the totals allow: the length of the longest service, so that
        a small pool does not end up as single units in which that service never fits. A pool's rest, smaller
        than a block, comes after all whole blocks.

    Returns
    -------
    list of dict
        For each slot, the units of each pool, in the order of ``shares``; they add to the slot's units.

    Notes
    -----
    Each block is placed at the middle of its equal part of the day, (2k - 1) / 2n for the k-th of n, and slots are
    filled in that order: the even spacing of Bresenham's line and of Webster's apportionment.
    """
    totals = largest_remainder(shares, sum(units_per_slot))
    order = {pool: index for index, pool in enumerate(shares)}
    queue: list[PoolT] = []
    blocks = [
        (Fraction(2 * k + 1, 2 * (total // block)), order[pool], pool)
        for pool, total in totals.items()
        for k in range(total // block)
    ]
    for _, _, pool in sorted(blocks, key=lambda entry: entry[:2]):
        queue += [pool] * block
    for pool, total in totals.items():
        queue += [pool] * (total % block)
    split: list[dict[PoolT, int]] = []
    start = 0
    for units in units_per_slot:
        places = dict.fromkeys(shares, 0)
        for pool in queue[start : start + units]:
            places[pool] += 1
        split.append(places)
        start += units
    return split
