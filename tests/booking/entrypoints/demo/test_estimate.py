"""How long the rest of a demonstration takes, told without jumps."""

from itertools import pairwise

import pytest

from booking.entrypoints.demo.progress import COMPILING, FIRST_TIME, LATER, Estimate, in_words, plan_for


def told_while_playing(plan: dict[str, float], pace: float) -> list[tuple[float, float]]:
    """Play a plan on a machine of some pace; return what is told and what is true, at tenths of each step."""
    estimate, told, ahead = Estimate(plan), [], sum(plan.values()) * pace
    for name, planned in plan.items():
        seconds = planned * pace
        estimate.begin(name)
        for tenth in range(10):
            share = tenth / 10
            told.append((estimate.left(seconds * share, share), ahead - seconds * share))
        estimate.end(name, seconds)
        ahead -= seconds
    return told


@pytest.mark.parametrize("pace", [0.5, 1.0, 6.0])
def test_an_estimate_only_falls_once_the_pace_is_known_and_ends_near_the_truth(pace):
    told = told_while_playing(plan_for(2000, later=True, compiled=False), pace)
    known = told[20:]  # by the first step that takes seconds

    assert all(later <= earlier * 1.2 for (earlier, _), (later, _) in pairwise(known))
    assert all(0.6 * true <= said <= 1.7 * true + 3 for said, true in known[10:])


def test_a_step_of_unknown_length_goes_by_time_and_is_never_over_by_itself():
    estimate = Estimate({"first": 10.0, "second": 10.0})
    estimate.begin("first")

    assert [round(estimate.left(seconds, None)) for seconds in (0, 5, 10)] == [20, 15, 11]
    assert estimate.left(100, None) > 50  # the machine is slower than it seemed


def test_compiling_is_expected_to_take_long_the_first_time_alone():
    first, again = (plan_for(300, later=False, compiled=compiled) for compiled in (False, True))

    assert first[COMPILING] == FIRST_TIME > 10 * again[COMPILING]
    assert not LATER.keys() & first.keys()


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "a few seconds"), (44, "40 s"), (69, "70 s"), (71, "2 min"), (200, "3 min")]
)
def test_a_time_is_told_as_roughly_as_it_is_known(seconds, words):
    assert in_words(seconds) == words
