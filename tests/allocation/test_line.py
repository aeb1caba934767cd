"""A part of a line: the rows, bins and pairs that are asked for and fit, as one would pick them by hand."""

import numpy as np
import pytest

from allocation.building.samples import country
from allocation.line import as_asked, usable


def by_hand(line, rows, bins, places, allowed):
    """Yield for each row its pairs that are kept: the bin's new number and the other columns."""
    number = {int(b): n for n, b in enumerate(bins)}
    for row in rows:
        yield [
            (number[int(line.bin[p])], line.late[p], line.rank[p], line.cost[p])
            for p in range(line.start[row], line.start[row + 1])
            if int(line.bin[p]) in number
            and line.units[row] <= places[number[int(line.bin[p])]]
            and (allowed is None or allowed[p])
        ]


@pytest.mark.parametrize("parties", [0.0, 0.45], ids=["singles", "families"])
@pytest.mark.parametrize("some_pairs", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_part_has_just_the_pairs_that_are_asked_for_and_fit(parties, some_pairs, seed):
    chance = np.random.default_rng(seed)
    line = as_asked(country(60, seed=seed, parties=parties, home_offices=3, consulates=2, days=4, mixed_durations=True))
    rows = np.flatnonzero(chance.random(line.requests) < 0.6)
    bins = np.flatnonzero(chance.random(line.bins) < 0.7)
    places = chance.integers(0, 4, bins.size)
    allowed = chance.random(line.pairs) < 0.5 if some_pairs else None

    part = line.select(rows, bins, places, pairs=allowed)

    found = list(by_hand(line, rows, bins, places, allowed))
    columns = (part.bin, part.late, part.rank, part.cost)
    assert np.array_equal(np.diff(part.start), [len(one) for one in found])
    assert [*zip(*(column.tolist() for column in columns), strict=True)] == [pair for one in found for pair in one]
    assert [column.dtype for column in columns] == [line.bin.dtype, line.late.dtype, line.rank.dtype, line.cost.dtype]
    for name in ("request", "units", "weight"):
        assert np.array_equal(getattr(part, name), getattr(line, name)[rows])
    asked = np.zeros(bins.size, np.int64)
    for row, one in zip(rows, found, strict=True):
        for number, *_ in one:
            asked[number] += line.units[row]
    assert np.all(part.places <= np.minimum(places, asked))
    assert np.array_equal(part.places, usable(part))  # nothing more to tighten


def test_a_part_of_nobody_has_no_pairs_and_no_places():
    line = as_asked(country(20, seed=1, parties=0.0, home_offices=2, consulates=1, days=2))

    part = line.select(np.zeros(0, np.int64), np.arange(line.bins), line.places)

    assert (part.requests, part.pairs, int(part.places.sum())) == (0, 0, 0)
