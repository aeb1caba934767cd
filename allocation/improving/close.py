"""Close the gap of a part where larger requests compete for bins of few places, with prices by size."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.improving.draft import Draft
from allocation.improving.size_prices import SizePrices, size_prices
from allocation.improving.within import Part, serve_within, whole
from allocation.line import Line
from allocation.progress import Search

MOST_PAIRS: Final = 6_000
MOST_PLACES: Final = 256
"""Larger parts have no prices by size."""
MOST_SIZES: Final = 32
"""Of all requests of a draw; with more, it has no prices by size. What may be published is bound by this, too."""

DISTANCES: Final = (4_000, 2_000, 1_000, 500, 250)
"""Parts of the bound within which a plan is looked for, one after the other: most draws have one in the first."""
WHOLE_WORK: Final = 0.4
"""Deterministic time for one of them."""
PIECES: Final = ((300, 0.05), (600, 0.1), (1_200, 0.25))
"""Pairs of some bins that are served better together, without those that cannot help, and the work for each."""
WORTH_A_ROUND: Final = 0.02
"""A round over all bins that closes less of the gap is the last one with pieces of a size."""


def has_size_prices(line: Line) -> bool:
    """Return whether the gap of a part is closed here."""
    few = line.pairs <= MOST_PAIRS and int(line.places.max(initial=0)) <= MOST_PLACES
    return few and not line.single


def close(given: Draft, work: float, search: Search) -> Draft:
    """Serve better, and prove a lower bound; ``work`` in CP-SAT's deterministic time."""
    if given.value >= given.bound or search.stopped:
        return given
    closing = _Closing(given, size_prices(given.line, given.prices), work, search)
    closing.look_near()
    if closing.is_open():
        for pairs, each in PIECES:
            closing.improve_pieces(pairs, each)
            closing.look_everywhere(WHOLE_WORK)
        closing.look_everywhere(work)
    proof = closing.proof if closing.proof.bound < given.bound else None
    return replace(given, bin_of_row=closing.best, bound=closing.bound, by_size=proof, settled=False)


class _Closing:
    """The best plan so far, the bound, and the work that is left."""

    def __init__(self, given: Draft, proof: SizePrices, work: float, search: Search) -> None:
        self.line, self.proof = given.line, proof
        self.best, self.value = given.bin_of_row, given.value
        self.bound = given.bound
        self._left, self._search = work, search
        self._lower(proof.bound)

    def is_open(self) -> bool:
        """Whether there is a gap, and work left to close it."""
        return self.value < self.bound and self._left > 0 and not self._search.stopped

    def look_near(self) -> None:
        """Look for a plan near the bound, and further away as long as there is none, by proof."""
        for parts in DISTANCES:
            if self.is_open() and not self._look(self.proof.bound // parts, WHOLE_WORK):
                return

    def look_everywhere(self, work: float) -> None:
        """Look for any better plan, with so much of the work that is left."""
        if self.is_open():
            self._look(self.proof.bound, work)

    def _look(self, distance: int, work: float) -> bool:
        """Look for a better plan within a distance; return whether there is none, by proof."""
        most = self.proof.bound - self.value - 1  # what is no better is of no use
        found = serve_within(
            self.line, self.proof, whole(self.line), self.best, min(distance, most), work=min(work, self._left)
        )
        self._left -= found.work
        if found.bin_of_row is not None:
            self._take(found.bin_of_row)
        self._lower(max(self.value, self.proof.bound - found.least))
        return found.least > min(distance, most)

    def improve_pieces(self, pairs: int, work: float) -> None:
        """Serve some bins better at a time, of about so many pairs, where most is lost first."""
        before = 0
        while self.is_open() and self.value - before > WORTH_A_ROUND * (self.bound - self.value):
            before = self.value
            covered = np.zeros(self.line.bins, np.bool_)
            for centre in self._worst_first():
                if not self.is_open():
                    return
                if covered[centre]:
                    continue
                part, loss = self._piece(centre, pairs)
                covered[part.bins] = True
                limit = min(work, self._left)
                found = serve_within(self.line, self.proof, part, self.best, loss - 1, work=limit)
                self._left -= found.work
                if found.bin_of_row is not None:
                    self._take(found.bin_of_row)

    def _worst_first(self) -> list[int]:
        """Bins with a loss, the largest first; who is left out counts at the bin that they would gain most in."""
        line, proof, best = self.line, self.proof, self.best
        lost, of_pair = proof.worth.copy(), proof.loss(line)
        served = np.flatnonzero(best >= 0)
        np.subtract.at(lost, best[served], proof.price[best[served], proof.kind[served]])
        sits = best[line.row] == line.bin
        np.add.at(lost, line.bin[sits], of_pair[sits])
        wanted = np.flatnonzero((best[line.row] < 0) & (of_pair == 0))
        rows, first = np.unique(line.row[wanted], return_index=True)
        np.add.at(lost, line.bin[wanted[first]], proof.gain[rows])
        worst = np.argsort(-lost, kind="stable")
        bins: list[int] = worst[lost[worst] > 0].tolist()
        return bins

    def _piece(self, centre: int, pairs: int) -> tuple[Part, int]:
        """Grow by the bin that shares most requests with the centre; return what is lost there too."""
        line = self.line
        sharing = line.row[line.bin == centre]
        shared = np.bincount(line.bin[line.pairs_of_rows(sharing)], minlength=line.bins)
        shared[centre] = line.requests + 1
        nearest = np.argsort(-shared, kind="stable")[: np.count_nonzero(shared)]
        piece = self._piece_of(nearest[:2])
        for count in range(3, nearest.size + 1):
            larger = self._piece_of(nearest[:count])
            if larger[0].pairs.size > pairs:
                break
            piece = larger
        return piece

    def _piece_of(self, bins: NDArray[np.int64]) -> tuple[Part, int]:
        line, proof, best = self.line, self.proof, self.best
        inside = np.zeros(line.bins + 1, np.bool_)  # the last for those who are not served, as bin -1
        inside[bins] = inside[-1] = True
        pairs = np.flatnonzero(inside[line.bin] & inside[best[line.row]])
        rows = np.unique(line.row[pairs])
        value = line.units * line.weight
        lost = int(proof.worth[bins].sum() + proof.gain[rows].sum() - value[rows[best[rows] >= 0]].sum())
        of_pair = proof.loss(line)[pairs]
        kept = (of_pair < lost) | (best[line.row[pairs]] == line.bin[pairs])
        return Part(rows, np.sort(bins), pairs[kept]), lost

    def _take(self, bin_of_row: NDArray[np.int32]) -> None:
        value = self.line.value(bin_of_row)
        if value > self.value:
            self._search.advance(gained=value - self.value)
            self.best, self.value = bin_of_row, value

    def _lower(self, bound: int) -> None:
        if bound < self.bound:
            self._search.advance(bound_lowered=self.bound - bound)
            self.bound = bound
