"""Small nights of holders who wish for other places: made by chance, and judged by definition."""

from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st

from allocation.swapping.night import NOBODY_WAITS, Night

Lists = list[list[int]]


@st.composite
def nights(draw: st.DrawFn, most_holders: int = 5, most_kinds: int = 4) -> Night:
    """Draw a night of few holders and kinds, with and without free places and circles."""
    kinds = draw(st.integers(1, most_kinds))
    holders = draw(st.integers(1, most_holders))
    holds = draw(st.lists(st.integers(0, kinds - 1), min_size=holders, max_size=holders))
    order = draw(st.permutations(range(holders)))
    wishes = [draw(st.sampled_from(possible_wishes(kinds, own))) for own in holds]
    free = draw(st.lists(st.integers(0, 2), min_size=kinds, max_size=kinds))
    circle = draw(st.lists(st.integers(NOBODY_WAITS, 1), min_size=kinds, max_size=kinds))
    return Night.of(holds, list(order), wishes, free, circle)


def possible_wishes(kinds: int, own: int) -> Lists:
    """Return every list of wishes that a holder of a kind can state: some of the others, in each order."""
    others = [kind for kind in range(kinds) if kind != own]
    return [list(one) for count in range(len(others) + 1) for one in permutations(others, count)]


def with_wishes(night: Night, wishes: dict[int, list[int]]) -> Night:
    """Return the night in which some holders state other wishes."""
    stated = [wishes.get(holder, night.wishes_of(holder)) for holder in range(night.holders)]
    return Night.of(night.holds.tolist(), night.order.tolist(), stated, night.free.tolist(), night.circle.tolist())


def rank_of(night: Night, holder: int, kind: int) -> int:
    """Return how well a holder likes a kind: 0 the first wish, and the own place behind all wishes."""
    wishes = night.wishes_of(holder)
    return wishes.index(kind) if kind in wishes else len(wishes)


def fits(night: Night, gets: list[int]) -> bool:
    """Return whether places and circles are enough for that, and nobody has what they neither had nor wished for."""
    held = np.bincount(night.holds, minlength=night.kinds)
    if (np.bincount(gets, minlength=night.kinds) > held + night.free).any():
        return False
    for circle in range(int(night.circle.max()) + 1):
        inside = np.flatnonzero(night.circle == circle)
        if np.isin(gets, inside).sum() > np.isin(night.holds, inside).sum():
            return False
    return all(kind == night.holds[one] or kind in night.wishes_of(one) for one, kind in enumerate(gets))


def stands(night: Night, holder: int, kind: int) -> tuple[bool, int]:
    """Return where a holder stands in the line for a kind."""
    circle = night.circle[kind]
    return bool(circle != NOBODY_WAITS and night.circle[night.holds[holder]] != circle), int(night.order[holder])


def passed_over(night: Night, gets: list[int]) -> list[tuple[int, int]]:
    """Return the pairs of a holder and one behind them who was given a place that the first had rather had."""
    return [
        (first, other)
        for first, other in product(range(night.holders), repeat=2)
        if rank_of(night, first, gets[other]) < rank_of(night, first, gets[first])
        and gets[other] != night.holds[other]
        and stands(night, first, gets[other]) < stands(night, other, gets[other])
    ]


def keeps_promises(night: Night, gets: list[int]) -> bool:
    """Return whether an outcome fits, and passes nobody over."""
    return fits(night, gets) and not passed_over(night, gets)


def outcomes(night: Night) -> list[list[int]]:
    """Return all outcomes in which everybody keeps what they have or gets a wish."""
    choices = [[int(night.holds[one]), *night.wishes_of(one)] for one in range(night.holders)]
    return [list(one) for one in product(*choices)]
