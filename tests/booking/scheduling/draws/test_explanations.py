"""Why not drawn, on wishes and places alone."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from allocation import in_line_order, solve
from allocation.explaining.rivals import people_ahead
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.chances import Place, explain
from booking.scheduling.draws.decision import Decision
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.problem import build_problem
from tests.booking.scheduling.draws.test_problem import SUNDAY, a_bin, a_leaf

PLACES = {code: Place(33.0 + number, 36.0, "home") for number, code in enumerate("abcd")}


def decided(leaves, bins, mechanism=solve):
    """Draw with the leaves in line as they are given."""
    problem = build_problem(Asked.of(leaves), bins, np.arange(len(leaves), dtype=np.int32))
    plan = mechanism(problem)
    seats = [((0, 1),) if number >= 0 else () for number in plan.bin_of_request.tolist()]
    return Decision(Frozen({}, leaves, bins), problem, plan, seats, np.empty(0, np.int8))


def suggestions(leaves, bins, mechanism=solve):
    return [each.get("suggestion") for each in explanations(decided(leaves, bins, mechanism))]


def explanations(decision):
    return [json.loads(each) for each in explain(decision, PLACES).texts()]


def a_family(*offices, people=2, **wish):
    return a_leaf(*offices, party=people, units=people, **wish)


def test_a_family_is_suggested_a_place_that_singles_behind_it_would_leave():
    bins = [a_bin("a", places=2), a_bin("b", places=2)]
    leaves = [a_family("a"), a_family("a"), a_leaf("b"), a_leaf("b")]

    assert suggestions(leaves, bins)[1] == {"office": "b", "day": SUNDAY.isoformat()}


def test_a_family_is_not_suggested_a_place_that_others_ahead_would_keep():
    bins = [a_bin("a", places=2), a_bin("b", places=2)]
    leaves = [a_family("a"), a_leaf("b"), a_family("a"), a_leaf("b")]

    assert suggestions(leaves, bins)[2] is None


def test_a_family_is_suggested_a_place_that_a_single_can_leave():
    bins = [a_bin("a", places=2), a_bin("b", places=2), a_bin("c", places=2)]
    leaves = [a_family("a"), a_leaf("b", "c"), a_leaf("b", "c"), a_leaf("b"), a_family("a")]

    assert suggestions(leaves, bins)[4] is None
    assert suggestions([*leaves[:3], *leaves[4:]], bins)[3] == {"office": "b", "day": SUNDAY.isoformat()}


@pytest.mark.parametrize("seed", range(20))
def test_adding_the_suggestion_to_the_wish_would_have_won_a_place(seed):
    chance = random.Random(seed)  # noqa: S311 - made-up wishes
    bins = [a_bin(office, day=day, places=chance.randint(1, 3)) for office in "abcd" for day in range(3)]
    size = 1 if seed % 2 else 3  # alone by exchange; in line order the answer is exact for families too
    mechanism = solve if size == 1 else in_line_order
    leaves = []
    for number in range(40):
        first = SUNDAY + timedelta(days=chance.randrange(3))
        leaves.append(
            a_family(
                *chance.sample("abcd", chance.randint(1, 2)),
                people=chance.randint(1, size),
                number=number,
                first_day=first,
                last_day=first + timedelta(days=chance.randrange(2)),
            )
        )
    decision = decided(leaves, bins, mechanism)

    told = 0
    for row, explained in enumerate(explanations(decision)):
        suggestion = explained.get("suggestion")
        if suggestion is None:
            continue
        told += 1
        wish = leaves[row].wish
        day = date.fromisoformat(suggestion["day"])
        # only the suggested office and day besides: the line's other wishes stay as they are
        extra = replace(wish, offices=(suggestion["office"],), first_day=day, last_day=day)
        alone = [*leaves[:row], replace(leaves[row], wish=extra), *leaves[row + 1 :]]
        assert decided(alone, bins, mechanism).plan.bin_of_request[row] >= 0
    assert told


def test_people_ahead_are_counted_once_however_many_offices_they_share():
    chance = random.Random(5)  # noqa: S311 - made-up wishes
    leaves = [
        a_family(*chance.sample("abcd", chance.randint(1, 3)), people=chance.randint(1, 4), number=number)
        for number in range(60)
    ]
    order = np.random.default_rng(5).permutation(60).astype(np.int32)

    asked = Asked.of(leaves)
    counted = people_ahead(asked.offices.codes, asked.offices.labels, asked.party, order)

    for row, leaf in enumerate(leaves):
        ahead = [other for other in range(60) if order[other] < order[row]]
        shared = [other for other in ahead if set(leaves[other].wish.offices) & set(leaf.wish.offices)]
        assert counted[row] == sum(leaves[other].wish.party for other in shared)
