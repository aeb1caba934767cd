"""Single requests into bins at the least total cost: an auction with price updates, exact.

Every bin has a price. A request without a bin bids for the bin where cost and price together are least, as much as
leaves it content there, which is until its second-best bin is as good, and a step more. A full bin keeps its highest
bidders; its price is the lowest bid that it keeps. Places that stay free at the end are held by *idlers*, who accept
every bin at no cost: so all places are taken, and bins with room end as the cheapest.

At all times nobody who holds a place would gain more than ``step`` by moving to another bin at its price. Two
placements of the same requests differ by cycles of moves that come to each bin at most once; so a placement at step s
is within ``bins * s`` of the least cost on each of them. Costs are multiplied by bins + 1: at step 1 no cycle can
gain a whole unit of the original cost, and the placement is optimal. The steps before that are coarser (scaling).

Bidding alone can be slow: neighbouring bins outbid each other in small steps (a price war). After a number of bids
proportional to the requests, prices are therefore raised at once as far as all the bids to come would raise them:
to the length of the shortest chain of moves to a place that is free (Bellman-Ford over the bins). A request whom no
chain leads to a free place proves that not all can be placed.

Sources: D. P. Bertsekas and D. A. Castanon, "The auction algorithm for the transportation problem", Annals of
Operations Research 20 (1989); price updates and price refinement: A. V. Goldberg, "An efficient implementation of a
scaling minimum-cost flow algorithm", J. Algorithms 22 (1997).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled

HIGHEST_COST: Final = 1 << 58
"""The largest allowed difference of two costs, times bins + 2."""

_DEAR: Final = 1 << 61
"""No price is higher."""
_NEVER: Final = 1 << 62
"""The price of a bin without places, and of one not known to lead to a free place."""
_FIRST_STEP, _FINER = 4, 16
"""The first step is the range of the costs divided by the former, each next one the step before by the latter."""
_PATIENCE = 0.4
"""Bids for each request between two updates of the prices: both then take about as long."""
_SWEEPS = 8
"""Over all holders, to find prices that keep them content at a finer step."""
_AFRESH = 0.25
"""Start a step from nothing where more than this part of the requests is discontent with their places."""
_DONE, _STUCK, _TOO_DEAR = 0, 1, 2


class NoPlacementError(ValueError):
    """Not all requests can have a place at once."""


class CostsTooLargeError(ValueError):
    """The costs, or the prices that follow from them, would overflow 64 bits."""


class _Asked(NamedTuple):
    """What the requests accept, by request."""

    start: NDArray[np.int64]
    bins: NDArray[np.int32]
    cost: NDArray[np.int64]
    lowest: np.int64
    scale: np.int64


class _Held(NamedTuple):
    """Who holds which place: by bin, a heap of bids and the number and bid of its idlers; by request, its bin."""

    places: NDArray[np.int64]
    price: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    bid: NDArray[np.int64]
    holder: NDArray[np.int32]
    idle: NDArray[np.int64]
    idle_bid: NDArray[np.int64]
    bin_of: NDArray[np.int32]
    queue: NDArray[np.int32]
    chain: NDArray[np.int64]


def place_at_least_cost(
    start: NDArray[np.int64], bins: NDArray[np.int32], cost: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Place every request in one bin that it accepts, at the least total cost.

    Integer arithmetic only; where several placements cost the same, the order of requests and pairs decides. Besides
    the arguments it needs 12 bytes for each place that can matter and some 100 for each request and bin.

    Parameters
    ----------
    start
        int64 (n + 1,). Request i accepts the pairs from ``start[i]`` until before ``start[i + 1]``.
    bins, cost
        int32 (p,) and int64 (p,). Bin of each pair, once for a request, and what it costs there.
    places
        int64 (m,). Room of each bin, in requests; may be more than is needed.

    Returns
    -------
    NDArray[np.int32]
        (n,). Bin of each request.

    Raises
    ------
    NoPlacementError
        Not all requests can be placed.
    CostsTooLargeError
        The range of the costs times bins + 2 exceeds ``HIGHEST_COST``, or a price 2^61. The latter takes a chain of
        moves that costs a good part of the whole range in hundreds of bins one after another; where the range
        times (bins + 2)^2 is below 2^59 it cannot happen.
    """
    requests, many = start.size - 1, places.size
    if requests == 0:
        return np.empty(0, np.int32)
    lowest = int(cost.min(initial=0))
    span = int(cost.max(initial=lowest)) - lowest
    if span * (many + 2) > HIGHEST_COST:
        raise CostsTooLargeError(f"costs between {lowest} and {lowest + span} over {many} bins overflow 64 bits")
    room = np.minimum(places, np.bincount(bins, minlength=many))
    if int(room.sum()) < requests:
        raise NoPlacementError(f"{requests} requests for {int(room.sum())} places that they accept")
    asked = _Asked(start, bins, cost, np.int64(lowest), np.int64(many + 1))
    held = _all_open(room, requests)
    step = max(1, span * (many + 1) // _FIRST_STEP)
    while True:
        outcome = _auction(asked, held, np.int64(step))
        if outcome == _STUCK:
            raise NoPlacementError(f"{requests} requests do not fit into the bins that they accept")
        if outcome == _TOO_DEAR:
            raise CostsTooLargeError(f"costs up to {span} apart in long chains over {many} bins overflow 64 bits")
        if step == 1:
            return held.bin_of
        # below one unit of the original cost, finer steps save no work
        step = max(1, step // _FINER) if step > many else 1


def _all_open(room: NDArray[np.int64], requests: int) -> _Held:
    first = np.zeros(room.size + 1, np.int64)
    np.cumsum(room, out=first[1:])
    return _Held(
        places=room,
        price=np.where(room > 0, 0, _NEVER),
        first=first,
        size=np.zeros(room.size, np.int64),
        bid=np.empty(first[-1], np.int64),
        holder=np.empty(first[-1], np.int32),
        idle=np.zeros(room.size, np.int64),
        idle_bid=np.zeros(room.size, np.int64),
        bin_of=np.full(requests, -1, np.int32),
        queue=np.empty(requests, np.int32),
        chain=np.zeros(room.size, np.int64),
    )


@compiled
def _auction(asked: _Asked, held: _Held, step: np.int64) -> int:
    """Place all requests and idlers so that nobody would gain more than a step by moving."""
    requests, many = held.bin_of.size, held.price.size
    for _ in range(_SWEEPS):
        if not _sweep(asked, held, held.price, step):
            break
    waiting = _seat(asked, held, step)
    if waiting > _AFRESH * requests:
        _clear(held)
        waiting = _seat(asked, held, step)
    idlers = held.places.sum() - requests - held.idle.sum()
    head, tail = 0, waiting % requests
    bids, patience = 0, int(_PATIENCE * requests) + 100
    while waiting + idlers > 0:
        if bids > patience:
            outcome = _raise(asked, held, step)
            if outcome != _DONE:
                return outcome
            waiting = _seat(asked, held, step)
            idlers = held.places.sum() - requests - held.idle.sum()
            head, tail, bids = 0, waiting % requests, 0
        if waiting > 0:
            i = held.queue[head]
            head = head + 1 if head + 1 < requests else 0
            waiting -= 1
            b, _ = _cheapest(asked, held.price, i)
            if b < 0:
                return _STUCK
            # nobody has to pay the highest price where all can be placed: see at once
            bids += 1 if held.price[b] < _DEAR else patience
            bid = _bid(asked, held.price, i, b, step)
            held.bin_of[i] = b
            size, first = held.size[b], held.first[b]
            out = -1
            if size + held.idle[b] == held.places[b]:
                if held.idle[b] > 0 and (size == 0 or held.idle_bid[b] <= held.bid[first]):
                    held.idle[b] -= 1
                    idlers += 1
                else:
                    out = _leave(held, b)
            _enter(held, b, bid, i)
            if out >= 0:
                held.queue[tail] = out
                tail = tail + 1 if tail + 1 < requests else 0
                waiting += 1
        else:
            b, second = _two_cheapest(held.price)
            bids += 1 + many // 256
            bid = min(second + step, _DEAR)
            held.idle_bid[b] = bid
            idlers -= _idle(held, b, idlers)
            while idlers > 0 and held.size[b] > 0 and held.bid[held.first[b]] < bid:
                held.queue[tail] = _leave(held, b)
                tail = tail + 1 if tail + 1 < requests else 0
                waiting += 1
                idlers -= _idle(held, b, 1)
        _settle(held, b)
    return _DONE


@compiled
def _cheapest(asked: _Asked, price: NDArray[np.int64], i: int) -> tuple[int, np.int64]:
    """Bin where cost and price together are least for a request, and their sum; -1 if no such bin has places."""
    best, least = -1, np.int64(_NEVER)
    for pair in range(asked.start[i], asked.start[i + 1]):
        total = (asked.cost[pair] - asked.lowest) * asked.scale + price[asked.bins[pair]]
        if total < least:
            best, least = asked.bins[pair], total
    return best, least


@compiled
def _bid(asked: _Asked, price: NDArray[np.int64], i: int, own: int, step: np.int64) -> np.int64:
    """Price of a bin up to which a request is content there, within a step."""
    least, here = np.int64(_NEVER), np.int64(0)
    for pair in range(asked.start[i], asked.start[i + 1]):
        total = (asked.cost[pair] - asked.lowest) * asked.scale
        b = asked.bins[pair]
        if b == own:
            here = total
        else:
            least = min(least, total + price[b])
    return _NEVER if least >= _NEVER else least - here + step


@compiled
def _two_cheapest(price: NDArray[np.int64]) -> tuple[int, np.int64]:
    """Cheapest bin, and the price of the next one."""
    best, least, second = 0, np.int64(_NEVER), np.int64(_NEVER)
    for b in range(price.size):
        if price[b] < least:
            best, least, second = b, price[b], least
        else:
            second = min(second, price[b])
    return best, second


@compiled
def _sweep(asked: _Asked, held: _Held, price: NDArray[np.int64], step: np.int64) -> bool:
    """Lower prices to the lowest bid of their holders at these prices; say whether any was lowered."""
    lowered = False
    for i in range(held.bin_of.size):
        b = held.bin_of[i]
        if b >= 0:
            bid = _bid(asked, price, i, b, step)
            if bid < price[b]:
                price[b] = bid
                lowered = True
    best, second = _two_cheapest(price)
    least = price[best]
    for b in range(price.size):
        bid = step + (second if b == best else least)
        if held.idle[b] > 0 and bid < price[b]:
            price[b] = bid
            lowered = True
    return lowered


@compiled
def _raise(asked: _Asked, held: _Held, step: np.int64) -> int:
    """Raise prices as far as the shortest chains of moves to free places allow and those who wait need."""
    price, chain = held.price, held.chain
    for b in range(price.size):
        chain[b] = price[b] if held.size[b] + held.idle[b] < held.places[b] else _NEVER
    lowered = True
    while lowered:
        lowered = _sweep(asked, held, chain, step)
        need = _farthest(asked, held)
        if need < _NEVER:
            for b in range(price.size):
                chain[b] = min(chain[b], price[b] + need)
    for b in range(price.size):
        if held.places[b] > 0:
            price[b] = min(chain[b], _DEAR)
    if need < _DEAR:
        return _DONE
    return _TOO_DEAR if need < _NEVER else _STUCK


@compiled
def _farthest(asked: _Asked, held: _Held) -> np.int64:
    """Rise in price that gives everyone who waits a chain of moves to a free place."""
    farthest = held.chain[_two_cheapest(held.chain)[0]] - held.price[_two_cheapest(held.price)[0]]
    for i in range(held.bin_of.size):
        if held.bin_of[i] < 0:
            b, far = _cheapest(asked, held.chain, i)
            if b < 0:
                return _NEVER
            if far > _DEAR // 2:
                return _DEAR
            b, near = _cheapest(asked, held.price, i)
            farthest = max(farthest, far - near)
    return farthest


@compiled
def _clear(held: _Held) -> None:
    """Put everyone out and start from equal prices."""
    held.bin_of[:] = -1
    held.idle[:] = 0
    for b in range(held.price.size):
        held.price[b] = 0 if held.places[b] > 0 else _NEVER


@compiled
def _seat(asked: _Asked, held: _Held, step: np.int64) -> int:
    """Renew all bids at the present prices, put out who is discontent, queue them; give their number."""
    price, waiting = held.price, 0
    held.size[:] = 0
    for i in range(held.bin_of.size):
        b = held.bin_of[i]
        bid = np.int64(-_NEVER)
        if b >= 0:
            bid = _bid(asked, price, i, b, step)
        if b >= 0 and bid >= price[b]:
            _enter(held, b, min(bid, _DEAR), i)
        else:
            held.bin_of[i] = -1
            held.queue[waiting] = i
            waiting += 1
    best, second = _two_cheapest(price)
    least = price[best]
    for b in range(price.size):
        bid = min(step + (second if b == best else least), _DEAR)
        held.idle_bid[b] = bid
        if bid < price[b]:
            held.idle[b] = 0
    for b in range(price.size):
        _settle(held, b)
    return waiting


@compiled
def _settle(held: _Held, b: int) -> None:
    """Raise the price of a full bin to the lowest bid in it."""
    if held.places[b] > 0 and held.size[b] + held.idle[b] == held.places[b]:
        lowest = np.int64(_DEAR)
        if held.size[b] > 0:
            lowest = min(lowest, held.bid[held.first[b]])
        if held.idle[b] > 0:
            lowest = min(lowest, held.idle_bid[b])
        held.price[b] = max(held.price[b], lowest)


@compiled
def _idle(held: _Held, b: int, idlers: int) -> int:
    """Let idlers hold as many free places of a bin as there are; give their number."""
    more = min(idlers, held.places[b] - held.size[b] - held.idle[b])
    held.idle[b] += more
    return more


@compiled
def _enter(held: _Held, b: int, bid: np.int64, i: int) -> None:
    """Add a holder to the heap of a bin."""
    first, at = held.first[b], held.size[b]
    while at > 0 and held.bid[first + (at - 1) // 2] > bid:
        up = (at - 1) // 2
        held.bid[first + at] = held.bid[first + up]
        held.holder[first + at] = held.holder[first + up]
        at = up
    held.bid[first + at] = bid
    held.holder[first + at] = i
    held.size[b] += 1


@compiled
def _leave(held: _Held, b: int) -> int:
    """Put out the lowest bidder of a bin."""
    first, size = held.first[b], held.size[b] - 1
    out = held.holder[first]
    bid, last = held.bid[first + size], held.holder[first + size]
    at, down = 0, 1
    while down < size:
        if down + 1 < size and held.bid[first + down + 1] < held.bid[first + down]:
            down += 1
        if held.bid[first + down] >= bid:
            break
        held.bid[first + at] = held.bid[first + down]
        held.holder[first + at] = held.holder[first + down]
        at, down = down, 2 * down + 1
    held.bid[first + at] = bid
    held.holder[first + at] = last
    held.size[b] = size
    held.bin_of[out] = -1
    return out
