import json

import numpy as np
import pytest

from fraud.attackers.parameters import BROKER, HOARDER
from fraud.hunting import Defence, Record
from fraud.hunting.levers import LEVERS
from fraud.hunting.response import hunted_world
from fraud.hunting.space import START
from fraud.hunting.tuning import GOALS, Tuning, gain, goals_of, tune
from fraud.limiting.text import parse_limits
from fraud.rules.rule_set import parse_rules

pytestmark = pytest.mark.slow

LEAGUE = [dict(START)]


def figures(loud, gains=100.0):
    return {
        "hoarder": {"credulous": gains, "expected": -5.0, "share": 0.01},
        "broker": {"credulous": 9_000.0, "expected": 1.0, "share": 0.0},
        "honest": {"challenged": loud, "refused": 0.0},
        "unregistered shop": {"challenged": 2 * loud},
        "officers": {"hours": 3.0},
    }


def test_a_brokers_clients_do_not_count_as_gained_and_a_hoarders_buyers_do():
    assert gain(figures(0.1)) == 100
    assert gain(figures(0.1, gains=-50.0)) == 1.0
    assert gain({"honest": {}}) == 0
    assert goals_of([figures(0.1), figures(0.3)]) == pytest.approx(
        {"gain": 100, "share": 0.01, "challenged": 0.2, "crowds": 0.4, "refused": 0, "hours": 3}
    )


def trades(_work, trials):
    """Instead of seasons: whoever challenges from a lower score troubles more people, and attackers gain less."""
    for trial in trials:
        line = trial.defence.thresholds.challenge
        yield figures(0.6 - line, gains=1_000 * line)


def test_the_front_goes_from_mild_to_strict_and_begins_with_what_is(model):
    choices = tune(Defence(model=model), LEAGUE, Tuning(tries=48), Record(spread=trades))

    first, *found = choices
    assert first.numbers["phone-shared-by-very-many: people_on_phone_30d"] == 25
    goals = np.array([[choice.goals[name] for name in GOALS] for choice in found])
    assert len(found) >= 4
    assert (np.diff(goals[:, GOALS.index("challenged")]) > 0).all()
    assert (np.diff(goals[:, GOALS.index("gain")]) < 0).all()
    assert np.ptp(goals[:, 0]) > 300  # far ends of the front, not one place of it


def test_each_choice_can_be_proposed_as_it_stands(model):
    for choice in tune(Defence(model=model), LEAGUE, Tuning(tries=12), Record(spread=trades)):
        told = json.loads(json.dumps(choice.told()))
        assert parse_rules(told["rules"]).digest == choice.defence.rules.digest
        parse_limits(told["limits"])
        assert set(told["numbers"]) == {lever.name for lever in LEVERS}


def test_equal_seeds_tune_equal_policies_in_real_seasons(tmp_path):
    tuning = Tuning(tries=2, at_once=2, choosing=1, world=hunted_world(500, 7))
    league = [{kind.name: START[kind.name] for kind in (BROKER, HOARDER)}]
    path = tmp_path / "tune.jsonl"

    first = [choice.told() for choice in tune(Defence(), league, tuning, Record(path))]
    record = Record(path)
    again = [choice.told() for choice in tune(Defence(), league, tuning, record)]

    assert first == again
    assert record.played == 0
    assert len(first) >= 1
