import pytest

from fraud.attackers import Report
from fraud.attackers.parameters import JUDGING_SEEDS, TRAINING_SEEDS, TUNING_SEEDS
from fraud.rules.rule_set import default_rules
from tests.fraud.attackers.conftest import GUIDE


@pytest.mark.slow
def test_the_example_runs(example):
    assert isinstance(example["told"], Report)


def test_the_guide_names_the_seeds_and_the_rules_as_they_are():
    for seeds in (TRAINING_SEEDS, TUNING_SEEDS, JUDGING_SEEDS):
        assert f"{seeds[0]} to {seeds[-1]}" in GUIDE
    tuned = {
        "gives-places-up-and-asks-for-others",
        "passes-places-on-with-one-phone",
        "hands-places-back-again-and-again",
        "others-proved-whom-this-account-lists",
    }
    found = [rule for rule in default_rules().rules if rule.name in tuned]
    assert len(found) == len(tuned)
    for rule in found:
        assert f"rule `{rule.name}` | – | `{rule.when}` → {rule.then}" in GUIDE
