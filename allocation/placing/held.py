"""Who holds which place in an auction, at which bid, and who waits for one."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.compiled import compiled

DEAR: Final = np.int64(1 << 61)
"""No bid and no price of a bin with places is higher."""
NEVER: Final = np.int64(1 << 62)
"""The price of a bin without places."""
HEAD, WAITING, IDLERS = 0, 1, 2
"""What ``Held.line`` counts."""


class Held(NamedTuple):
    """The state of an auction over m bins and n requests.

    Places that stay free in the end are held by idlers, who take any bin. Each bin has a heap of its holders, the
    lowest bid on top, in a segment of ``bid`` and ``holder``; all idlers of a bin bid the same.
    """

    places: NDArray[np.int64]
    price: NDArray[np.int64]
    first: NDArray[np.int64]
    """Where the segment of each bin begins, (m + 1,)."""
    size: NDArray[np.int64]
    """Requests that hold a place of each bin."""
    bid: NDArray[np.int64]
    holder: NDArray[np.int32]
    idle: NDArray[np.int64]
    """Idlers that hold a place of each bin."""
    idle_bid: NDArray[np.int64]
    bin_of: NDArray[np.int32]
    """Bin of each request, -1 while it waits."""
    cost_of: NDArray[np.int64]
    """What its bin costs each request that does not wait."""
    queue: NDArray[np.int32]
    """A ring of the requests that wait."""
    line: NDArray[np.int64]
    """Its first position, how many wait, and how many idlers do."""


def all_open(places: NDArray[np.int64], requests: int) -> Held:
    """Let everyone wait and all places be free."""
    bins = places.size
    first = columns.starts(places)
    return Held(
        places=places,
        price=np.where(places > 0, 0, NEVER),
        first=first,
        size=np.zeros(bins, np.int64),
        bid=np.empty(first[-1], np.int64),
        holder=np.empty(first[-1], np.int32),
        idle=np.zeros(bins, np.int64),
        idle_bid=np.zeros(bins, np.int64),
        bin_of=np.full(requests, -1, np.int32),
        cost_of=np.zeros(requests, np.int64),
        queue=np.arange(requests, dtype=np.int32),
        line=np.array([0, requests, first[-1] - requests]),
    )


@compiled
def clear(seats: Held) -> None:
    """Put everyone out, in the order of requests, and start from equal prices."""
    for b in range(seats.price.size):
        seats.price[b] = 0 if seats.places[b] > 0 else NEVER
        seats.line[IDLERS] += seats.idle[b]
        seats.idle[b] = 0
        seats.size[b] = 0
    for i in range(seats.bin_of.size):
        seats.bin_of[i] = -1
        seats.queue[i] = i
    seats.line[HEAD] = 0
    seats.line[WAITING] = seats.bin_of.size


@compiled
def has_room(seats: Held, b: int) -> bool:
    """Return whether a place of the bin is free."""
    return bool(seats.size[b] + seats.idle[b] < seats.places[b])


@compiled
def wait(seats: Held, i: int) -> None:
    """Put a request at the end of the queue."""
    end = seats.line[HEAD] + seats.line[WAITING]
    seats.queue[end if end < seats.queue.size else end - seats.queue.size] = i
    seats.line[WAITING] += 1
    seats.bin_of[i] = -1


@compiled
def first_waiting(seats: Held) -> int:
    """Take the first request out of the queue."""
    head = seats.line[HEAD]
    seats.line[HEAD] = head + 1 if head + 1 < seats.queue.size else 0
    seats.line[WAITING] -= 1
    return int(seats.queue[head])


@compiled
def enter(seats: Held, b: int, bid: np.int64, i: int) -> None:
    """Give a request a free place of a bin."""
    first, at = seats.first[b], seats.size[b]
    while at > 0:
        up = (at - 1) // 2
        if seats.bid[first + up] <= bid:
            break
        seats.bid[first + at] = seats.bid[first + up]
        seats.holder[first + at] = seats.holder[first + up]
        at = up
    seats.bid[first + at] = bid
    seats.holder[first + at] = i
    seats.size[b] += 1
    seats.bin_of[i] = b


@compiled
def idle(seats: Held, b: int) -> None:
    """Give the free places of a bin to idlers who wait."""
    more = min(seats.line[IDLERS], seats.places[b] - seats.size[b] - seats.idle[b])
    seats.idle[b] += more
    seats.line[IDLERS] -= more


@compiled
def put_out(seats: Held, b: int) -> None:
    """Let the lowest bidder of a bin wait; of equal ones an idler."""
    first, last = seats.first[b], seats.size[b] - 1
    if seats.idle[b] > 0 and (last < 0 or seats.idle_bid[b] <= seats.bid[first]):
        seats.idle[b] -= 1
        seats.line[IDLERS] += 1
        return
    wait(seats, int(seats.holder[first]))
    bid, at, down = seats.bid[first + last], 0, 1
    while down < last:
        if down + 1 < last and seats.bid[first + down + 1] < seats.bid[first + down]:
            down += 1
        if seats.bid[first + down] >= bid:
            break
        seats.bid[first + at] = seats.bid[first + down]
        seats.holder[first + at] = seats.holder[first + down]
        at, down = down, 2 * down + 1
    seats.bid[first + at] = bid
    seats.holder[first + at] = seats.holder[first + last]
    seats.size[b] = last


@compiled
def settle(seats: Held, b: int) -> None:
    """Raise the price of a full bin to its lowest bid."""
    if seats.places[b] > 0 and not has_room(seats, b):
        lowest = DEAR
        if seats.size[b] > 0:
            lowest = min(lowest, seats.bid[seats.first[b]])
        if seats.idle[b] > 0:
            lowest = min(lowest, seats.idle_bid[b])
        seats.price[b] = max(seats.price[b], lowest)
