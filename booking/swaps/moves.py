"""Who moves where in a night, as its closed file, its seed and the beacon's value fix it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import Night
from booking.models import SwapEntry, SwapNight
from booking.models.states import Pool

Places = dict[tuple[int, Pool], int]
"""Slots and pools with units."""


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who is to move: their entry's size and number, the place that they leave, the one to which they go."""

    key: tuple[int, int]
    appointment_id: UUID
    leaves: Places
    takes: Places
    position: int


def moves_of(
    night: SwapNight,
    nights: Sequence[Night],
    gets: Sequence[NDArray[np.int32]],
    entries: Mapping[tuple[int, int], SwapEntry],
) -> list[Move]:
    """Return who moves where: those who were given a kind take its places in line, free ones and those that are left.

    The order of the places is that of their slots, so nobody chooses whose place they get. It follows from what was
    closed, so it is the same each time, whoever was moved already.
    """
    moves = []
    sizes = sorted({units for units, _ in entries})
    for units, market, given, private in zip(sizes, nights, gets, night.places["markets"], strict=True):
        pools = [Pool(kind["name"].split(" ")[-1]) for kind in private["kinds"]]
        left: dict[int, list[Any]] = defaultdict(list)
        moving = [one for one in np.argsort(market.order).tolist() if given[one] != market.holds[one]]
        for one in moving:
            left[int(market.holds[one])].append(entries[units, one].places)
        there = {
            kind: iter(sorted([*private["kinds"][kind]["free"], *left[kind]]))
            for kind in sorted({int(given[one]) for one in moving})
        }
        for one in moving:
            kind, own = int(given[one]), int(market.holds[one])
            entry = entries[units, one]
            leaves, takes = _places(entry.places, pools[own]), _places(next(there[kind]), pools[kind])
            moves.append(Move((units, one), entry.appointment_id, leaves, takes, int(market.order[one])))
    return moves


def _places(seat: Iterable[Sequence[int]], pool: Pool) -> Places:
    return {(slot_id, pool): units for slot_id, units in seat}
