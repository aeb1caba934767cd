import numpy as np
import pytest

import fraud
from fraud.facts import FEATURES
from fraud.features import matrix
from fraud.scoring.fairness import DEFAULT_POLICY
from fraud.scoring.model import SIGNS, TrainingError, fit

pytestmark = pytest.mark.slow


def test_the_score_finds_most_hoarders_and_troubles_few_honest_people(model):
    metrics = model.about["metrics"]

    assert 0.95 < metrics["roc_auc"] < 0.9999
    assert metrics["recall_at_1_percent"] > 0.75
    assert metrics["honest_challenged"] < 2 * DEFAULT_POLICY.honest_challenged_most
    assert metrics["honest_reviewed"] < 4 * DEFAULT_POLICY.honest_reviewed_most
    assert metrics["brier"] < 0.03


def test_the_score_is_a_probability_on_later_requests(model, history):
    later = history.sort_values("time").tail(len(history) // 5)
    scores = model.score_many(matrix(later))

    assert scores.mean() == pytest.approx(later["label"].mean(), abs=0.015)


@pytest.mark.parametrize("name", SIGNS)
def test_more_of_a_suspicious_fact_never_lowers_the_score(model, history, name):
    place = FEATURES.index(name)
    table = matrix(history.head(300))
    more = table.copy()
    more[:, place] += 1 if name == "phone_is_registered_helper" else 10

    difference = (model.trees.raw_many(more) - model.trees.raw_many(table)) * SIGNS[name]

    assert difference.min() >= 0


def test_training_is_repeatable(history, model):
    again = fit(history, seed=3)

    assert again.version == model.version
    assert again.to_bytes() == model.to_bytes()


def test_the_latest_requests_do_not_teach(history, model):
    """Turning every label of the measuring slice around changes the measurement, and not the model."""
    latest = history["time"] >= history["time"].sort_values().iloc[int(len(history) * 0.8)]
    turned = fit(history.assign(label=history["label"] ^ latest), seed=3)

    assert np.array_equal(turned.trees.value, model.trees.value)
    assert (turned.slope, turned.intercept, turned.thresholds) == (model.slope, model.intercept, model.thresholds)
    assert turned.about["metrics"] != model.about["metrics"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="label"), "label"),
        (lambda frame: frame.drop(columns="time"), "time"),
        (lambda frame: frame.drop(columns="person"), "person"),
        (lambda frame: frame.assign(label=2), "true or false"),
        (lambda frame: frame.assign(label="yes"), "true or false"),
        (lambda frame: frame.assign(label=np.nan), "label"),
        (lambda frame: frame.head(100), "100 rows"),
        (lambda frame: frame.assign(label=False), "hoarders"),
        (lambda frame: frame.assign(label=True), "as many others"),
        (lambda frame: frame.assign(time=frame["time"].iloc[0]), "slice has 0 hoarders"),
    ],
)
def test_a_history_that_cannot_teach_is_refused_with_the_reason(history, change, words):
    with pytest.raises(TrainingError, match=words):
        fit(change(history), seed=1)


def test_a_first_model_is_trained_with_one_call():
    trained = fraud.train(seed=1, rows=4_000)

    assert trained.about["rows"]["learn"] > trained.about["rows"]["calibrate"] > 700
    assert trained.about["people"]["learn"] <= trained.about["rows"]["learn"]
