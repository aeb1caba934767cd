"""Single requests into bins at the least total cost: an auction with price updates, exact.

Every bin has a price. A request without a bin bids for the bin where cost and price together are least, as much as
leaves it content there, which is until its second-best bin is as good, and a step more. A full bin keeps its highest
bidders; its price is the lowest bid that it keeps. Places that stay free at the end are held by *idlers*, who accept
every bin at no cost: so all places are taken, and bins with room end as the cheapest.

At all times nobody who holds a place would gain more than ``step`` by moving to another bin at its price. Two
placements of the same requests differ by cycles of moves that come to each bin at most once; so a placement at step s
is within ``bins * s`` of the least cost on each of them. Costs are multiplied by bins + 1: at step 1 no cycle can
gain a whole unit of the original cost, and the placement is optimal. The steps before that are coarser (scaling).

Bidding alone can be slow: neighbouring bins outbid each other in small steps (a price war). Now and then prices are
therefore raised at once as far as all the bids to come would raise them: to the length of the shortest chain of moves
to a free place (Bellman-Ford over the bins). A request whom no chain leads there proves that not all can be placed.

Sources: D. P. Bertsekas and D. A. Castanon, "The auction algorithm for the transportation problem", Annals of
Operations Research 20 (1989); price updates and price refinement: A. V. Goldberg, "An efficient implementation of a
scaling minimum-cost flow algorithm", J. Algorithms 22 (1997).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.placing import held
from allocation.placing.held import DEAR, IDLERS, NEVER, WAITING, Held

HIGHEST_COST: Final = 1 << 58
"""The largest allowed difference of two costs, times bins + 2."""

_FIRST_STEP, _FINER = 4, 12
"""The first step is the range of the costs divided by the former, each next one the step before by the latter."""
_MOST_BIDS, _FEWEST_BIDS, _TRIES = 0.4, 0.05, 10
"""Bids between two updates of the prices: at most and at least for each request, so that both take about as long;
between these, for each request that waits."""
_SWEEPS = 8
"""At most so many, over all holders, to find prices at which they are content with a finer step."""
_AFRESH = 0.25
"""Start a step from nothing where more than this part of the requests is discontent nevertheless."""
_DONE, _STUCK, _TOO_DEAR = 0, 1, 2


class NoPlacementError(ValueError):
    """Not all requests can have a place at once."""


class CostsTooLargeError(ValueError):
    """The costs, or the prices that follow from them, would overflow 64 bits."""


class _Asked(NamedTuple):
    """What the requests accept. Unsigned, since indices that may be negative take twice as long."""

    start: NDArray[np.uint64]
    bins: NDArray[np.uint32]
    cost: NDArray[np.int64]
    lowest: np.int64
    scale: np.int64


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
        The range of the costs times bins + 2 exceeds ``HIGHEST_COST``, or a chain of moves costs 2^60: impossible
        where the range times (bins + 2)^2 is below 2^55.
    """
    requests, many = start.size - 1, places.size
    if requests == 0:
        return np.empty(0, np.int32)
    lowest = int(cost.min(initial=0))
    span = int(cost.max(initial=lowest)) - lowest
    if span * (many + 2) > HIGHEST_COST:
        raise CostsTooLargeError(f"costs between {lowest} and {lowest + span} over {many} bins overflow 64 bits")
    useful = np.minimum(places, np.bincount(bins, minlength=many))
    if int(useful.sum()) < requests:
        raise NoPlacementError(f"{requests} requests for {int(useful.sum())} places that they accept")
    asked = _Asked(start.view(np.uint64), bins.view(np.uint32), cost, np.int64(lowest), np.int64(many + 1))
    seats = held.all_open(useful, requests)
    step = max(1, span * (many + 1) // _FIRST_STEP)
    while True:
        outcome = _auction(asked, seats, np.int64(step))
        if outcome == _STUCK:
            raise NoPlacementError(f"{requests} requests do not fit into the bins that they accept")
        if outcome == _TOO_DEAR:
            raise CostsTooLargeError(f"costs up to {span} apart in long chains over {many} bins overflow 64 bits")
        if step == 1:
            return seats.bin_of
        step = max(1, step // _FINER) if step > many else 1


@compiled
def _auction(asked: _Asked, seats: Held, step: np.int64) -> int:
    """Place all requests and idlers so that nobody would gain more than a step by moving."""
    requests, many = seats.bin_of.size, seats.price.size
    for _ in range(_SWEEPS):
        if not _sweep(asked, seats, seats.price, step):
            break
    _renew(asked, seats, step)
    if seats.line[WAITING] > _AFRESH * requests:
        held.clear(seats)
    bids, patience = 0, _patience(seats)
    while seats.line[WAITING] + seats.line[IDLERS] > 0:
        if bids > patience:
            bids = 0
            outcome = _raise(asked, seats, step)
            if outcome != _DONE:
                return outcome
            _renew(asked, seats, step)
            patience = _patience(seats)
        if seats.line[WAITING] > 0:
            dearest = _request_bids(asked, seats, step)
            if dearest >= NEVER:
                return _STUCK
            # where all can be placed, nobody has to pay the highest price: look at once
            bids += 1 if dearest < DEAR else patience
        else:
            bids += 1 + many // 256
            _idlers_bid(seats, step)
    return _DONE


@compiled
def _patience(seats: Held) -> int:
    """Bids until the next update of prices."""
    requests, waiting = seats.bin_of.size, seats.line[WAITING] + seats.line[IDLERS]
    return int(min(int(_MOST_BIDS * requests), int(_FEWEST_BIDS * requests) + _TRIES * waiting) + 100)


@compiled
def _request_bids(asked: _Asked, seats: Held, step: np.int64) -> int:
    """Place the first request that waits where cost and price are least; return the price that it found there."""
    i = held.first_waiting(seats)
    best, least, second = 0, NEVER, NEVER
    for pair in range(asked.start[i], asked.start[i + 1]):
        b = asked.bins[pair]
        total = (asked.cost[pair] - asked.lowest) * asked.scale + seats.price[b]
        if total < least:
            best, least, second = int(b), total, least
        else:
            second = min(second, total)
    if least >= NEVER:
        return int(NEVER)
    price = np.int64(seats.price[best])
    seats.cost_of[i] = least - price
    if not held.has_room(seats, best):
        held.put_out(seats, best)
    held.enter(seats, best, min(price + (second - least) + step, DEAR), i)
    held.settle(seats, best)
    return int(price)


@compiled
def _idlers_bid(seats: Held, step: np.int64) -> None:
    """Let the idlers who wait take places of the cheapest bin from those who bid less."""
    b, _, second = _two_cheapest(seats.price)
    seats.idle_bid[b] = min(second + step, DEAR)
    held.idle(seats, b)
    while seats.line[IDLERS] > 0 and seats.size[b] > 0 and seats.bid[seats.first[b]] < seats.idle_bid[b]:
        held.put_out(seats, b)
        held.idle(seats, b)
    held.settle(seats, b)


@compiled
def _two_cheapest(price: NDArray[np.int64]) -> tuple[int, np.int64, np.int64]:
    """Cheapest bin, its price, and the price of the next one."""
    best, least, second = 0, NEVER, NEVER
    for b in range(price.size):
        if price[b] < least:
            best, least, second = b, price[b], least
        else:
            second = min(second, price[b])
    return best, least, second


@compiled
def _least(asked: _Asked, price: NDArray[np.int64], i: int) -> np.int64:
    """Least sum of cost and price over the bins that a request accepts; ``NEVER`` or more if there are none."""
    least = 2 * NEVER - 1
    for pair in range(asked.start[i], asked.start[i + 1]):
        total = (asked.cost[pair] - asked.lowest) * asked.scale + price[asked.bins[pair]]
        least = min(least, total)
    return least


@compiled
def _content(asked: _Asked, seats: Held, price: NDArray[np.int64], i: int, step: np.int64) -> np.int64:
    """Price up to which a holder is content with its bin, within a step, at these prices of the others."""
    b = seats.bin_of[i]
    own = price[b]
    price[b] = NEVER
    least = _least(asked, price, i)
    price[b] = own
    return least - seats.cost_of[i] + step if least < NEVER else NEVER


@compiled
def _sweep(asked: _Asked, seats: Held, price: NDArray[np.int64], step: np.int64) -> bool:
    """Lower prices that are higher than a holder of the bin is content with; say whether any was."""
    lowered = False
    for i in range(seats.bin_of.size):
        b = seats.bin_of[i]
        if b >= 0:
            bid = _content(asked, seats, price, i, step)
            if bid < price[b]:
                price[b] = bid
                lowered = True
    best, least, second = _two_cheapest(price)
    for b in range(price.size):
        bid = step + (second if b == best else least)
        if seats.idle[b] > 0 and bid < price[b]:
            price[b] = bid
            lowered = True
    return lowered


@compiled
def _raise(asked: _Asked, seats: Held, step: np.int64) -> int:
    """Raise prices as far as the shortest chains of moves to free places allow and those who wait need."""
    price, chain = seats.price, np.empty_like(seats.price)
    for b in range(price.size):
        chain[b] = price[b] if held.has_room(seats, b) else NEVER
    need, lowered = NEVER, True
    few = seats.bin_of.size // 8
    while lowered:
        lowered = _sweep(asked, seats, chain, step)
        if seats.line[WAITING] < few or not lowered:
            need = _need(asked, seats, chain)
        if need < NEVER:
            for b in range(price.size):
                chain[b] = min(chain[b], price[b] + need)
    for b in range(price.size):
        if seats.places[b] > 0:
            price[b] = min(chain[b], DEAR)
    if need < DEAR:
        return _DONE
    return _TOO_DEAR if need < NEVER else _STUCK


@compiled
def _need(asked: _Asked, seats: Held, chain: NDArray[np.int64]) -> np.int64:
    """Rise in price after which a chain of moves leads everyone who waits to a free place."""
    need = _two_cheapest(chain)[1] - _two_cheapest(seats.price)[1]
    for i in range(seats.bin_of.size):
        if seats.bin_of[i] < 0:
            far = _least(asked, chain, i)
            if far >= NEVER:
                return NEVER
            if far > DEAR // 2:
                return DEAR
            need = max(need, far - _least(asked, seats.price, i))
    return need


@compiled
def _renew(asked: _Asked, seats: Held, step: np.int64) -> None:
    """Renew all bids at the present prices; who is discontent has to wait."""
    seats.size[:] = 0
    seats.line[WAITING] = 0
    for i in range(seats.bin_of.size):
        b = seats.bin_of[i]
        bid = _content(asked, seats, seats.price, i, step) if b >= 0 else -NEVER
        if b >= 0 and bid >= seats.price[b]:
            held.enter(seats, b, min(bid, DEAR), i)
        else:
            held.wait(seats, i)
    best, least, second = _two_cheapest(seats.price)
    for b in range(seats.price.size):
        seats.idle_bid[b] = min(step + (second if b == best else least), DEAR)
        if seats.idle_bid[b] < seats.price[b]:
            seats.line[IDLERS] += seats.idle[b]
            seats.idle[b] = 0
        held.settle(seats, b)
