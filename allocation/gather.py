"""Bring linked requests to one visit: one office on one day. Who is served stays, and nobody else comes off worse.

Requests are linked where their people wish to come together, such as a household that asks for two services. After a
plan is made, somebody linked moves to a bin of the visit where the others are: into free room, or in exchange for
requests that get the bin they leave, or another with room, where those are at least as well off: not later than
needed, no lower choice, no later day. The linked ones may get a lower choice or another day, of those they asked for.

A plan that moved is taken only if it passes its own check (`allocation.checking.verify`), so whoever was not passed
over before is not passed over now. Everything is integer arithmetic in a fixed order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.checking.verify import verify
from allocation.plan import Plan
from allocation.problem import Problem

MOST_CHECKS: Final = 24
"""Plans that are checked at most; where a check fails, the links are halved until the fault is alone."""
MOST_VISITS: Final = 12
"""Visits that are tried for one link, in the order of what they could cost its people at least."""
STEPS_PER_LINK: Final = 8_000
"""Moves looked at for the people of one link; a second makes some million."""
ALONE: Final = -1

_Move = tuple[int, int, int]
"""A request, the bin it leaves, the bin it comes to."""


def gather(problem: Problem, plan: Plan, *, link: NDArray[np.int32], visit: NDArray[np.int32]) -> Plan:
    """Bring linked requests of a plan to as few visits as this finds.

    Parameters
    ----------
    problem, plan
        A plan by exchange of this problem.
    link
        int32 (n,): requests of one number are linked; ``ALONE`` (-1) for none.
    visit
        int32 (m,): bins of one number are one visit.

    Returns
    -------
    Plan
        The same requests served, the same prices and bound.
    """
    together = _links(problem, plan, link)
    seats = _Seats(problem, plan.bin_of_request, together, visit)
    checks = MOST_CHECKS
    # single units first: those whom they put out are put out in no plan, so their moves pass the check
    batches = [(together, 1), (together, int(problem.units.max(initial=1)))]
    while batches and checks:
        batch, largest = batches.pop(0)
        moves = [move for links in batch for move in seats.gather(links, largest)]
        if not moves:
            continue
        checks -= 1
        if not verify(problem, replace(plan, bin_of_request=seats.bin_of_request())).ok:
            seats.take_back(moves)
            if len(batch) > 1:
                half = len(batch) // 2
                batches[:0] = [(batch[:half], largest), (batch[half:], largest)]
    return replace(plan, bin_of_request=seats.bin_of_request())


def _links(problem: Problem, plan: Plan, link: NDArray[np.int32]) -> list[list[int]]:
    """Return the served requests of each link, in the order of the line; links in the order of their first."""
    served = np.flatnonzero((link != ALONE) & (plan.bin_of_request >= 0))
    together: dict[int, list[int]] = {}
    for request in served[np.argsort(problem.order[served])].tolist():
        together.setdefault(int(link[request]), []).append(request)
    return list(together.values())


def _way_back(came: dict[int, _Move | None], to: int) -> list[_Move]:
    """Return the moves that lead to a bin, the last one first: each goes where room has been made."""
    moves = []
    while (move := came[to]) is not None:
        moves.append(move)
        to = move[1]
    return moves


class _Seats:
    """Who sits in which bin, while linked requests move."""

    def __init__(
        self,
        problem: Problem,
        bin_of_request: NDArray[np.int32],
        together: Sequence[Sequence[int]],
        visit: NDArray[np.int32],
    ) -> None:
        self._problem, self._visit = problem, visit.tolist()
        self._partners = {one: [other for other in links if other != one] for links in together for one in links}
        self._at = bin_of_request.tolist()
        self._room = (problem.places - problem.used(bin_of_request)).tolist()
        self._units = problem.units.tolist()
        self._sitting: dict[int, list[int]] = {}
        for request in np.argsort(problem.order, kind="stable").tolist():
            if self._at[request] >= 0:
                self._sitting.setdefault(self._at[request], []).append(request)
        self._steps = 0
        self._elsewhere: dict[tuple[int, int], list[int]] = {}
        self._liking: dict[int, dict[int, tuple[bool, int, int]]] = {}
        self._hungry = self._least_units(bin_of_request).tolist()

    def _least_units(self, bin_of_request: NDArray[np.int32]) -> NDArray[np.int64]:
        """For each bin the units of the smallest request that waits for it: room for so many must not arise."""
        least = np.full(self._problem.bins, np.iinfo(np.int64).max)
        waits = bin_of_request[self._problem.pair_request] < 0
        units = self._problem.units[self._problem.pair_request[waits]].astype(np.int64)
        np.minimum.at(least, self._problem.pair_bin[waits], units)
        return least

    def bin_of_request(self) -> NDArray[np.int32]:
        """Return the plan's column."""
        return np.array(self._at, np.int32)

    def visits(self, links: Iterable[int]) -> int:
        """Count the visits of some requests."""
        return len({self._visit[self._at[request]] for request in links})

    def gather(self, links: Sequence[int], largest: int) -> list[_Move]:
        """Bring as many as possible of a link to one visit, then of the rest; return the moves that were made.

        Nobody of more than ``largest`` units moves.
        """
        done: list[_Move] = []
        rest, self._steps = list(links), STEPS_PER_LINK
        while self.visits(rest) > 1:
            best: list[_Move] = []
            here: set[int] = set()
            for target in self._targets(rest):
                moves, come = self._try(rest, target, largest)
                if len(come) > max(1, len(here)):
                    best, here = moves, come
                self._undo(moves)
                if len(here) == len(rest):
                    break
            if len(here) < 2:  # noqa: PLR2004 - nobody can be brought to anybody
                break
            for move in best:
                self._move(*move)
            done += best
            rest = [request for request in rest if request not in here]
        return done

    def take_back(self, moves: Sequence[_Move]) -> None:
        """Undo the moves of a batch."""
        self._undo(moves)

    def _targets(self, links: Sequence[int]) -> list[int]:
        """Return the visits that at least two of a link accept: first what could cost its people least."""
        liked: dict[int, list[tuple[int, int]]] = {}
        for request in links:
            own: dict[int, tuple[int, int]] = {}
            for place, (late, rank, cost) in self._likes(request).items():
                if not late:
                    target = self._visit[place]
                    own[target] = min(own.get(target, (rank, cost)), (rank, cost))
            for target, value in own.items():
                liked.setdefault(target, []).append(value)
        able = [
            (-len(values), sum(rank for rank, _ in values), sum(cost for _, cost in values), target)
            for target, values in liked.items()
            if len(values) > 1
        ]
        return [target for _, _, _, target in sorted(able)[:MOST_VISITS]]

    def _try(self, links: Sequence[int], target: int, largest: int) -> tuple[list[_Move], set[int]]:
        """Bring all who can come to a visit, and leave them there; return the moves, and who is there."""
        moves: list[_Move] = []
        come = set()
        for request in links:
            if self._visit[self._at[request]] == target:
                come.add(request)
                continue
            made = self._bring(request, target) if self._units[request] <= largest else None
            if made is not None:
                moves += made
                come.add(request)
        return moves, come

    def _bring(self, request: int, target: int) -> list[_Move] | None:
        """Bring a request into the bin of a visit that it likes best of those that can make room, or None."""
        mine, origin = self._likes(request), self._at[request]
        bins = [place for place in mine if self._visit[place] == target and not mine[place][0]]
        staying = {request, *self._partners[request]}
        for place in sorted(bins, key=lambda one: (mine[one], one)):
            moves = [(request, origin, place)]
            self._move(*moves[0])
            for size in dict.fromkeys((self._units[request], 1)):  # somebody of the same size leaves, or several alone
                while self._room[place] < 0:
                    chain = self._chain(place, size, staying)
                    if chain is None:
                        break
                    for move in chain:
                        self._move(*move)
                    moves += chain
            # room in which somebody who waits would fit must not arise
            if self._room[place] >= 0 and self._room[origin] < self._hungry[origin]:
                return moves
            self._undo(moves)
        return None

    def _chain(self, place: int, size: int, staying: set[int]) -> list[_Move] | None:
        """Find the shortest chain of requests of one size, each as well off, from a bin to one with room; or None."""
        came: dict[int, _Move | None] = {place: None}
        line = [place]
        for here in line:
            for other in self._sitting.get(here, []):
                if self._units[other] != size or other in staying:
                    continue
                for to in self._as_well_off(other, here):
                    self._steps -= 1
                    if to in came:
                        continue
                    came[to] = (other, here, to)
                    if self._room[to] >= size:
                        return _way_back(came, to)
                    line.append(to)
            if self._steps < 0:
                break
        return None

    def _as_well_off(self, other: int, place: int) -> list[int]:
        """Return the bins where a request is at least as well off as in ``place``, the best first.

        Somebody linked is where that takes them to one of theirs, or no further away.
        """
        partners = self._partners.get(other)
        if partners is None:
            if (other, place) not in self._elsewhere:
                self._elsewhere[other, place] = self._no_worse(other, place)
            return self._elsewhere[other, place]
        likes = self._likes(other)
        able = sorted((value, one) for one, value in likes.items() if one != place)
        visits = {self._visit[self._at[one]] for one in partners}
        with_them = self._visit[place] in visits
        if with_them:
            return [one for value, one in able if value <= likes[place] and self._visit[one] == self._visit[place]]
        return [
            one
            for value, one in able
            if value <= likes[place] or (value[0] <= likes[place][0] and self._visit[one] in visits)
        ]

    def _no_worse(self, other: int, place: int) -> list[int]:
        likes = self._likes(other)
        able = sorted((value, one) for one, value in likes.items() if one != place)
        return [one for value, one in able if value <= likes[place]]

    def _likes(self, request: int) -> dict[int, tuple[bool, int, int]]:
        """Return what a request thinks of each bin that it accepts: late, rank, cost; lower is better."""
        if request not in self._liking:
            pairs = slice(self._problem.first_pair[request], self._problem.first_pair[request + 1])
            self._liking[request] = dict(
                zip(
                    self._problem.pair_bin[pairs].tolist(),
                    zip(
                        self._problem.pair_late[pairs].tolist(),
                        self._problem.pair_rank[pairs].tolist(),
                        self._problem.pair_cost[pairs].tolist(),
                        strict=True,
                    ),
                    strict=True,
                )
            )
        return self._liking[request]

    def _move(self, request: int, origin: int, to: int) -> None:
        self._at[request] = to
        self._sitting[origin].remove(request)
        self._sitting.setdefault(to, []).append(request)
        self._room[origin] += self._units[request]
        self._room[to] -= self._units[request]

    def _undo(self, moves: Sequence[_Move]) -> None:
        for request, origin, to in reversed(moves):
            self._move(request, to, origin)
