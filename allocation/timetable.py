"""Within one bin: who sits in which slots.

A bin is a run of touching slots with some free units in each. Filling them in sequence, each request starting
where the one before it ended, wastes nothing and keeps every party in touching slots: the wrap-around rule of
McNaughton, "Scheduling with deadlines and loss functions", Management Science 6 (1959).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allocation import columns


class SlotsFullError(ValueError):
    """The requests of a bin do not fit into touching slots."""


@dataclass(frozen=True)
class Seats:
    """Where k requests sit: request i takes ``units[starts[i]:starts[i + 1]]`` from slot ``first[i]`` on.

    ``first``: int64 (k,), slot numbers; ``starts``: int64 (k + 1,); ``units``: int64, units per slot.
    """

    first: NDArray[np.int64]
    starts: NDArray[np.int64]
    units: NDArray[np.int64]

    def of(self, request: int) -> tuple[int, list[int]]:
        """First slot of a request, and how many units it takes in that slot and each one after it."""
        return int(self.first[request]), self.units[self.starts[request] : self.starts[request + 1]].tolist()


def touching_runs(free: ArrayLike) -> NDArray[np.int64]:
    """Return each slot the number of its run of touching slots with room, from 0; -1 if full; int64 (s,).

    Make one bin of each run: a party across a full slot would wait in the middle of its visit.
    """
    has_room = columns.integers("free", free, np.int64) > 0
    starts = has_room & ~np.concatenate(([False], has_room[:-1]))
    return np.where(has_room, np.cumsum(starts) - 1, -1)


def place_in_slots(free: ArrayLike, units: ArrayLike) -> Seats:
    """Seat requests in sequence, each from where the one before it ended.

    Parameters
    ----------
    free
        int (s,), free units of each touching slot of one bin, in time.
    units
        int (k,), units of each request put into this bin, in the order of the day; at least 1 each.

    Raises
    ------
    SlotsFullError
        More units than free, or a request would have a full slot in its middle (see ``touching_runs``);
        the message names the first such request.
    ValueError
        Negative free units, or a request of less than one unit.
    """
    room = columns.integers("free", free, np.int64)
    need = columns.integers("units", units, np.int64)
    columns.within("free", room, 0, np.iinfo(np.int32).max)
    columns.within("units", need, 1, np.iinfo(np.int32).max)
    edges = columns.starts(room)
    ends = np.cumsum(need)
    begins = ends - need
    over = np.flatnonzero(ends > edges[-1])
    if over.size:
        raise SlotsFullError(f"request {int(over[0])} ends at unit {int(ends[over[0]])} of {int(edges[-1])} free units")
    first = np.searchsorted(edges, begins, side="right") - 1
    last = np.searchsorted(edges, ends, side="left") - 1
    lengths = last - first + 1
    starts = columns.starts(lengths)
    request = np.repeat(np.arange(need.size), lengths)
    slot = np.arange(starts[-1]) - starts[request] + first[request]
    taken = np.minimum(ends[request], edges[slot + 1]) - np.maximum(begins[request], edges[slot])
    broken = np.flatnonzero(taken == 0)
    if broken.size:
        raise SlotsFullError(f"request {int(request[broken[0]])} would wait through the full slot {slot[broken[0]]}")
    return Seats(first=first, starts=starts, units=taken)
