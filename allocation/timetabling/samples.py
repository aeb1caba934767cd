"""Synthetic office-days, for benchmarks, tests and notebooks."""

import numpy as np

from allocation.timetabling.day import Feature, OfficeDay

_SIZES = np.array([0.60, 0.19, 0.09, 0.07, 0.03, 0.02])
"""How many parties are of 1 to 6 people."""
_ENROL = 0.12
_STEPS_ARE_HARD = 0.1
_MORNING, _AFTERNOON = 1, 2


def sample_day(
    people: int = 300,
    *,
    seed: int = 0,
    counters: int = 12,
    load: float = 0.92,
    morning: float = 0.35,
    long: float = 0.1,
) -> OfficeDay:
    """Draw an office-day whose people ask for a share ``load`` of the open units.

    One counter in six is accessible, one in four an enrolment desk; each has half an hour's break, in three shifts
    around the middle of the day; one in six closes an hour early. One party in ten needs an accessible counter for one
    of its people, 12 % of the people enrol (two units), a share ``long`` of the others takes two units too. A share
    ``morning`` of the parties would like the morning, a quarter the afternoon.

    Parameters
    ----------
    people, counters
        How many; the length of the day follows from them and from ``load``.
    """
    rng = np.random.default_rng(seed)
    sizes: list[int] = []
    while sum(sizes) < people:
        sizes.append(min(int(rng.choice(6, p=_SIZES)) + 1, people - sum(sizes)))
    party = np.repeat(np.arange(len(sizes)), sizes)
    needs = np.where(rng.random(people) < _ENROL, int(Feature.ENROLMENT), 0)
    units = np.where((needs > 0) | (rng.random(people) < long), 2, 1)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    needs[first[rng.random(len(sizes)) < _STEPS_ARE_HARD]] |= int(Feature.ACCESSIBLE)

    closed = 2 * counters + 4 * (counters // 6)
    length = round((int(units.sum()) / load + closed) / counters)
    table = np.ones((counters, length), np.bool_)
    for counter in range(counters):
        noon = length // 2 - 3 + 2 * (counter % 3)
        table[counter, noon : noon + 2] = False
    table[counters - counters // 6 :, length - 4 :] = False
    offers = np.zeros(counters, np.int64)
    offers[: counters // 6] |= int(Feature.ACCESSIBLE)
    offers[counters // 6 - 1 : counters // 6 - 1 + counters // 4] |= int(Feature.ENROLMENT)

    wish = rng.choice(3, size=len(sizes), p=[0.75 - morning, morning, 0.25])
    return OfficeDay(
        open=table,
        person_party=party.astype(np.int32),
        person_units=units.astype(np.int16),
        counter_offers=offers.astype(np.int16),
        person_needs=needs.astype(np.int16),
        wish_from=np.where(wish == _AFTERNOON, length // 2, 0).astype(np.int16),
        wish_until=np.where(wish == _MORNING, length // 2, length).astype(np.int16),
    )
