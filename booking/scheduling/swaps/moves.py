"""Who moves where in a night, as its closed file, its seed and the beacon's value fix it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import Night
from booking.platform.models import SwapEntry, SwapNight
from booking.platform.models.states import Pool
from booking.scheduling.swaps.behind import Broken, Key

Places = dict[tuple[int, Pool], int]
"""Slots and pools with units."""


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody who is to move: their entry's size and number, the place that they leave, the one to which they go.

    Where it is not ``sound`` their appointment or that place is not known to be the one of the file.
    """

    key: Key
    appointment_id: UUID
    leaves: Places
    takes: Places
    position: int
    sound: bool = True


def moves_of(
    night: SwapNight,
    markets: Sequence[Mapping[str, Any]],
    nights: Sequence[Night],
    gets: Sequence[NDArray[np.int32]],
    entries: Mapping[Key, SwapEntry],
    broken: Broken,
) -> list[Move]:
    """Return who moves where: those who were given a kind take its places in line, free ones and those that are left.

    The order of the places is that of their slots, so nobody chooses whose place they get. It follows from what was
    closed, so it is the same each time, whoever was moved already. Where somebody's own kind is broken they have no
    move here: nobody counts on their place, as nobody is given one of that kind.

    Parameters
    ----------
    markets
        The sizes of the night's file, as ``nights`` and ``gets``.
    """
    moves = []
    for row, (market, line, given) in enumerate(zip(markets, nights, gets, strict=True)):
        units = market["units"]
        sound = [kind for kind in range(len(market["kinds"])) if (units, kind) not in broken.kinds]
        said = {kind: night.places["markets"][row]["kinds"][kind] for kind in sound}
        pools = {kind: Pool(one["name"].split(" ")[-1]) for kind, one in said.items()}
        left: dict[int, list[Any]] = defaultdict(list)
        moving = [one for one in np.argsort(line.order).tolist() if given[one] != line.holds[one]]
        for one in moving:
            if (own := int(line.holds[one])) in said:
                left[own].append(entries[units, one].places)
        there = {
            kind: iter(sorted([*said[kind]["free"], *left[kind]]))
            for kind in sorted({int(given[one]) for one in moving} & said.keys())
        }
        for one in moving:
            key, kind, own = (units, one), int(given[one]), int(line.holds[one])
            takes = _places(next(there[kind]), pools[kind]) if kind in said else {}
            if own in said:
                entry, place = entries[key], int(line.order[one])
                leaves, whole = _places(entry.places, pools[own]), kind in said and key not in broken.holders
                moves.append(Move(key, entry.appointment_id, leaves, takes, place, sound=whole))
    return moves


def _places(seat: Iterable[Sequence[int]], pool: Pool) -> Places:
    return {(slot_id, pool): units for slot_id, units in seat}
