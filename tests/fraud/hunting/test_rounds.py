import json
from dataclasses import replace
from itertools import pairwise

import pytest

from fraud.hunting import Defence, Record, Settings
from fraud.hunting.response import JUDGING_SEEDS, hunted_world
from fraud.hunting.rounds import LITTLE, Bounds, play_rounds
from fraud.hunting.tuning import Tuning

pytestmark = pytest.mark.slow

SMALL = Settings(world=hunted_world(100, 2), tries=4, at_once=4, seasons=1, finalists=1, choosing=1,
                 judging=JUDGING_SEEDS[:1])  # fmt: skip
TUNING = Tuning(world=SMALL.world, tries=12, choosing=1)


def arena(worth):
    """Instead of seasons: what each policy leaves attackers, as a function of its line of a check."""

    def played(_work, trials):
        for trial in trials:
            line = (
                trial.defence.thresholds.challenge
                if trial.defence.thresholds
                else trial.defence.model.thresholds.challenge
            )
            attackers = {
                kind: {"credulous": worth(line), "expected": worth(line), "share": 0.0} for kind in trial.world.tactics
            }
            yield attackers | {
                "honest": {"challenged": 0.5 * (0.6 - line), "refused": 0.0},
                "officers": {"hours": 1.0},
            }

    return played


def test_the_defender_moves_within_its_bounds_until_nothing_helps(model):
    bounds = Bounds(challenged=0.2)
    rounds = play_rounds(
        Defence(model=model),
        SMALL,
        TUNING,
        Record(spread=arena(lambda line: 700 - 1_000 * line)),
        most=4,
        bounds=bounds,
    )

    moves = [one.move for one in rounds]
    assert moves[0] != "stays"
    assert moves[-1] == "stays" or len(moves) == 4
    gains = [one.met["gain"] for one in rounds]
    assert all(later <= before - LITTLE for before, later in pairwise(gains))
    for one in rounds[:-1]:
        assert bounds.keeps(one.moves[one.move])
    json.dumps([one.told() for one in rounds])


def test_a_policy_that_was_best_by_luck_is_not_taken(model):
    """It is far better on the seasons that it was searched and picked by, and on no others."""
    lucky, same = arena(lambda line: 700 - 1_000 * line), arena(lambda _line: 700)

    def played(work, trials):
        for trial in trials:
            yield from (lucky if trial.seed < 3_000_000 else same)(work, [trial])

    (only,) = play_rounds(Defence(model=model), SMALL, TUNING, Record(spread=played), bounds=Bounds(challenged=0.5))

    assert (only.move, only.met["gain"]) == ("stays", 700)


def test_a_defence_that_leaves_nothing_to_gain_stays(model):
    defence = Defence(model=model)

    (only,) = play_rounds(defence, SMALL, TUNING, Record(spread=arena(lambda _line: -3.0)))

    assert (only.move, only.defence) == ("stays", defence)


def test_no_policy_outside_the_bounds_is_picked_however_little_it_leaves(model):
    (only,) = play_rounds(
        Defence(model=model), SMALL, TUNING, Record(spread=arena(lambda line: 1_000 * line)), bounds=Bounds(-1.0)
    )

    assert (only.move, dict(only.moves)) == ("stays", {})


@pytest.mark.nightly("a hunt and a tuning are repeated from their records on each submission")
def test_real_rounds_come_out_the_same_from_their_record(tmp_path, model):
    few = replace(SMALL, world=hunted_world(1_000, 7))
    tuning = replace(TUNING, world=few.world, at_once=2, tries=2)
    path, defence = tmp_path / "rounds.jsonl", Defence(model=model)

    first = [one.told() for one in play_rounds(defence, few, tuning, Record(path), most=1)]
    record = Record(path)

    assert [one.told() for one in play_rounds(defence, few, tuning, record, most=1)] == first
    assert record.played == 0
