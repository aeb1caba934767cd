"""The shipped card has what the command prints today; its figures are of the day on which it was made."""

import re

from fraud.facts import SCHEMA, schema_hash
from fraud.scoring.card import model_card
from fraud.scoring.fairness import fairness_report
from tests.fraud.scoring.test_fairness import honest


def headings(text):
    return re.findall(r"^#+ .+$", text, re.MULTILINE)


def test_the_shipped_card_has_the_headings_and_facts_of_the_command(model, pytestconfig):
    shipped = (pytestconfig.rootpath / "docs" / "model-card.md").read_text(encoding="utf-8")
    made = model_card(model, name="the active model")

    assert headings(shipped) == headings(made)
    facts = [line for line in made.splitlines() if line.startswith("| `")]
    assert len(facts) == len(SCHEMA)
    assert [line for line in shipped.splitlines() if line.startswith("| `")] == facts
    assert schema_hash() in shipped


def test_a_card_has_data_figures_and_thresholds_and_claims_no_fairness(model):
    made = model_card(model, name="version 3")

    assert made.startswith("# Model card: version 3\n")
    assert model.version in made
    assert model.about["data"] in made
    assert f"a challenge from {model.thresholds.challenge:.4f}, a review from {model.thresholds.review:.4f}" in made
    for name, value in model.about["metrics"].items():
        assert f"| {name} | {value:,} |" in made or f"| {name} | {value:.4f} |" in made
    assert "No honest requests are known yet: nothing is claimed." in made
    assert model_card(model, name="version 3") == made


def test_a_card_shows_the_fairness_report(model):
    made = model_card(
        model, name="x", fairness=fairness_report(honest(north=(40, 10, 4), south=(60, 3, 0)), ["region"])
    )

    assert "| region: north | challenged | 40 | 25.0% |" in made
