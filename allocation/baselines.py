"""Other ways to hand out the same places, for comparison: who comes first, each in turn, who looks again first."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocation import columns
from allocation.compiled import compiled
from allocation.explaining.askers import askers_of
from allocation.plan import Mechanism, Plan, Status
from allocation.problem import Problem
from allocation.tally import tally
from allocation.weights import weights


def first_come(problem: Problem, arrival: NDArray[np.int32]) -> Plan:
    """First come, first served: each in turn takes the best bin with room left, at once and for good.

    Best is in time, then the better rank, then the lower cost, then the lower bin.

    Parameters
    ----------
    problem
        Requests, bins and acceptable pairs; its line decides nothing here.
    arrival
        int32 (n,), a permutation, 0 = who clicked first.

    Returns
    -------
    Plan
        Its objective is measured as for a draw, so that both can be compared; it has no bound of its own.

    Raises
    ------
    ValueError
        ``arrival`` is not a permutation of the requests.
    """
    chosen, _ = _serve_in_turn(problem, arrival)
    return _measured(problem, chosen)


def in_line_order(problem: Problem) -> Plan:
    """Serve each in line order with the best bin that is left: a lottery without exchange.

    Strategy-proof: nobody gains anything by a false list, whether they hide bins or rank them otherwise. It may serve
    fewer people.
    """
    return replace(first_come(problem, problem.order), mechanism=Mechanism.IN_LINE)


def by_lot(problem: Problem, *, seed: int) -> Plan:
    """Serve each in turn in an order that is chance alone and knows no priority: serial dictatorship by lot."""
    random = np.random.default_rng(seed)
    return first_come(problem, random.permutation(problem.requests).astype(np.int32))


def first_come_again(
    problem: Problem,
    arrival: NDArray[np.int32],
    *,
    cancelled: float,
    robot: NDArray[np.bool_],
    advantage: float,
    seed: int,
) -> Plan:
    """First come, first served, where a cancelled place goes straight to the next who looks.

    After ``first_come`` a share of those served cancels, one at a time and at random. Everyone not served looks again
    and again at random moments (a Poisson process), robots ``advantage`` times as often as people; who looks first
    and finds room for all their units has the place, so the chances are in proportion to how often each looks. The
    place goes on being looked at until nobody fits; a request that takes it stays in that bin.

    Parameters
    ----------
    problem
        Requests, bins and acceptable pairs; its line decides nothing here.
    arrival
        int32 (n,), a permutation, 0 = who clicked first.
    cancelled
        Share of the served requests that cancel, 0 to 1; they end up without a bin.
    robot
        bool (n,), True where a robot looks on the request's behalf.
    advantage
        How many times as often a robot looks, above 0.
    seed
        Decides who cancels, in what order, and who looks first.

    Raises
    ------
    ValueError
        A column of the wrong length, no permutation, or a number outside its range.
    """
    if not 0 <= cancelled <= 1:
        raise ValueError(f"cancelled: {cancelled} is not between 0 and 1")
    if not advantage > 0:
        raise ValueError(f"advantage: {advantage} is not above 0")
    fast = columns.integers("robot", robot, np.int8, length=problem.requests)
    columns.within("robot", fast, 0, 1)
    random = np.random.default_rng(seed)
    chosen, room = _serve_in_turn(problem, arrival)
    served = np.flatnonzero(chosen >= 0)
    leaving = random.permutation(served)[: round(cancelled * served.size)]
    _hand_back(
        leaving,
        *askers_of(problem),
        problem.units,
        np.where(fast == 1, advantage, 1.0),
        random.random(problem.requests),
        chosen,
        room,
    )
    return _measured(problem, chosen)


def _serve_in_turn(problem: Problem, arrival: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Bin of each request, int32 (n,), and the units left in each bin, int64 (m,)."""
    turn = columns.integers("arrival", arrival, np.int32, length=problem.requests)
    columns.permutation("arrival", turn)
    room = problem.places.astype(np.int64)
    chosen = _take_best(
        np.argsort(turn),
        problem.first_pair,
        problem.pair_bin,
        problem.pair_late,
        problem.pair_rank,
        problem.pair_cost,
        problem.units,
        room,
    )
    return chosen, room


def _measured(problem: Problem, chosen: NDArray[np.int32]) -> Plan:
    objective = int((problem.units * weights(problem))[chosen >= 0].sum())
    return tally(
        problem,
        chosen,
        objective=objective,
        bound=objective,
        prices=np.zeros(problem.bins, np.int64),
        status=Status.BASELINE,
        stages={},
        mechanism=Mechanism.FIRST_COME,
    )


@compiled
def _take_best(
    turns: NDArray[np.int64],
    starts: NDArray[np.int64],
    bins: NDArray[np.int32],
    late: NDArray[np.bool_],
    rank: NDArray[np.int8],
    cost: NDArray[np.int16],
    units: NDArray[np.int16],
    room: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Return each request in ``turns`` its best bin with room; takes the units out of ``room``."""
    chosen = np.full(turns.size, -1, np.int32)
    for request in turns:
        need = units[request]
        best, best_key = -1, np.int64(0)
        for pair in range(starts[request], starts[request + 1]):
            if room[bins[pair]] < need:
                continue
            # late, rank, cost in one number; pairs come by rising bin, so the first of equals is the lowest
            key = (np.int64(late[pair]) << 40) + (np.int64(rank[pair]) << 20) + np.int64(cost[pair])
            if best < 0 or key < best_key:
                best, best_key = pair, key
        if best >= 0:
            chosen[request] = bins[best]
            room[bins[best]] -= need
    return chosen


@compiled
def _hand_back(
    leaving: NDArray[np.int64],
    starts: NDArray[np.int64],
    asking: NDArray[np.int32],
    units: NDArray[np.int16],
    often: NDArray[np.float64],
    chance: NDArray[np.float64],
    chosen: NDArray[np.int32],
    room: NDArray[np.int64],
) -> None:
    """Let each of ``leaving`` cancel and the first who looks take the place; changes ``chosen`` and ``room``."""
    gone = np.zeros(chosen.size, np.bool_)
    taken = 0
    for request in leaving:
        place = chosen[request]
        chosen[request] = -1
        gone[request] = True
        room[place] += units[request]
        while True:
            looks = 0.0
            for other in asking[starts[place] : starts[place + 1]]:
                if chosen[other] < 0 and not gone[other] and units[other] <= room[place]:
                    looks += often[other]
            if looks == 0.0:
                break
            mark = chance[taken] * looks
            winner = -1
            for other in asking[starts[place] : starts[place + 1]]:
                if chosen[other] < 0 and not gone[other] and units[other] <= room[place]:
                    winner = other  # the last one also where rounding leaves the mark beyond it
                    mark -= often[other]
                    if mark < 0.0:
                        break
            chosen[winner] = place
            room[place] -= units[winner]
            taken += 1
