"""The flat model is scikit-learn's model to the last bit, and every score comes apart without a remainder."""

import math

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from fraud.facts import FEATURES, Facts
from fraud.features import matrix
from fraud.scoring.artifact import Artifact, Thresholds
from fraud.scoring.boosting import flatten, grow, platt
from fraud.scoring.model import SIGNS
from fraud.scoring.trees import GRID
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def with_gaps(table, seed):
    """Every tenth value is missing, and every tenth row lies exactly on thresholds."""
    draw = np.random.default_rng(seed)
    return np.where(draw.random(table.shape) < 0.1, np.nan, table)


@pytest.fixture(scope="module", params=["complete", "with gaps"])
def grown(request, history):
    """A classifier of scikit-learn, its flat form, and rows: seen, on thresholds, one step off, missing, endless."""
    table, labels = matrix(history), history["label"].to_numpy(dtype=bool)
    teach = table[:4_000] if request.param == "complete" else with_gaps(table[:4_000], 1)
    signs = [SIGNS.get(name, 0) for name in FEATURES]
    classifier = grow(teach, labels[:4_000], signs=signs, seed=5)
    trees = flatten(classifier)
    edges = np.repeat(table[:1], 3 * len(trees.feature), axis=0)
    for place, (feature, threshold) in enumerate(zip(trees.feature, trees.threshold, strict=True)):
        if feature >= 0:
            below, above = np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf)
            edges[3 * place : 3 * place + 3, feature] = (below, threshold, above)
    extremes = np.repeat(np.array([[np.nan], [-np.inf], [np.inf], [0.0], [-0.0], [1e308], [5e-324]]), len(FEATURES), 1)
    seen = table[: examples(1_000, nightly=8_000)]
    return classifier, trees, np.vstack([seen, with_gaps(seen, 2), edges, extremes])


def test_flat_trees_equal_predict_proba_to_the_last_bit(grown):
    classifier, trees, rows = grown
    plain = Artifact(trees, 1.0, 0.0, Thresholds(0.5, 0.5))
    expected = classifier.predict_proba(rows)[:, 1]

    assert len(rows) > examples(5_000, nightly=15_000)
    assert np.array_equal(plain.score_many(rows), expected)
    assert [plain.score_row(row) for row in rows[::13].tolist()] == expected[::13].tolist()


def test_rows_of_any_numbers_at_all_equal_predict_proba_to_the_last_bit(grown):
    """Each value for itself: missing, endless, tiny, huge, on a threshold, a step off one, or anything between."""
    classifier, trees, _ = grown
    draw = np.random.default_rng(8)
    thresholds = trees.threshold[trees.feature >= 0]
    odd = np.concatenate(
        [
            [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, 2.0**53, 1 / 3],
            thresholds,
            np.nextafter(thresholds, np.inf),
            np.nextafter(thresholds, -np.inf),
        ]
    )
    shape = (examples(1_000, nightly=5_000), len(FEATURES))
    rows = np.where(draw.random(shape) < 0.7, draw.choice(odd, shape), draw.normal(0, 1e3, shape))
    plain = Artifact(trees, 1.0, 0.0, Thresholds(0.5, 0.5))
    expected = classifier.predict_proba(rows)[:, 1].tolist()

    assert plain.score_many(rows).tolist() == expected
    assert [plain.score_row(row) for row in rows.tolist()] == expected


def test_the_calibrated_score_equals_scikit_learns_pipeline_to_the_last_bit(grown, history):
    classifier, trees, rows = grown
    tuning = matrix(history)[4_000:6_000]
    curve = platt(trees.raw_many(tuning), history["label"].to_numpy(dtype=bool)[4_000:6_000])
    ours = Artifact(trees, float(curve.coef_[0, 0]), float(curve.intercept_[0]), Thresholds(0.5, 0.5))
    pipeline = make_pipeline(FunctionTransformer(classifier._raw_predict), curve)

    assert np.array_equal(ours.score_many(rows), pipeline.predict_proba(rows)[:, 1])


def test_the_logistic_curve_is_scipys_at_every_size():
    model = Artifact(None, 1.0, 0.0, Thresholds(0.5, 0.5))
    raw = np.concatenate([np.linspace(-800, 800, 20_001), [-1e308, 1e308, -745.2, -709.8]])

    assert [model.calibrated(value) for value in raw.tolist()] == expit(raw).tolist()


@pytest.mark.slow
def test_contributions_add_up_exactly_on_thousands_of_rows_in_any_order(grown):
    _, trees, rows = grown
    some = rows[:: examples(16, nightly=2)].tolist()
    told = [trees.contributions(row) for row in some]
    parts = np.array([(each.baseline, *each.parts) for each in told])
    raw = np.array([trees.raw(row) for row in some])
    units = parts / GRID  # exact: a division by a power of two

    assert len(told) > 400
    assert np.array_equal(units, np.rint(units))
    assert np.array_equal(units.astype(np.int64).sum(axis=1), (raw / GRID).astype(np.int64))
    draw = np.random.default_rng(6)
    for order in (np.arange(parts.shape[1]), np.arange(parts.shape[1])[::-1], draw.permutation(parts.shape[1])):
        assert np.array_equal(sum(parts[:, place] for place in order), raw)


def test_the_score_is_the_same_with_and_without_its_contributions(model, history):
    for record in history[list(FEATURES)].head(examples(150, nightly=500)).to_dict("records"):
        facts = Facts.from_mapping(record)
        score, parts = model.explained(facts)
        assert score == model.score(facts)
        assert math.isclose(score, 1 / (1 + math.exp(-(model.slope * parts.raw + model.intercept))))


@pytest.mark.slow
def test_contributions_agree_with_their_definition_on_small_trees():
    """By the definition: at each node, what the training rows that agree so far come to, before and after asking."""
    draw = np.random.default_rng(4)
    teach = np.round(draw.normal(size=(600, 3)), 1)
    labels = teach[:, 0] + teach[:, 1] * teach[:, 2] + draw.normal(size=600) > 0
    classifier = grow(teach, labels, signs=[0, 0, 0], seed=1)
    classifier._predictors = classifier._predictors[:4]
    trees = flatten(classifier)

    nodes = [step[0].nodes for step in classifier._predictors]
    reached = [np.array([tree["value"][leaf_of(tree, other)] for other in teach]) for tree in nodes]
    for row in teach[:100]:
        parts, baseline = np.zeros(3), trees.base
        for tree, leaves in zip(nodes, reached, strict=True):
            agree, node = np.ones(len(teach), dtype=bool), tree[0]
            baseline += np.mean(leaves)
            while not node["is_leaf"]:
                feature, threshold = node["feature_idx"], node["num_threshold"]
                left = row[feature] <= threshold
                before = np.mean(leaves[agree])
                agree &= (teach[:, feature] <= threshold) == left
                parts[feature] += np.mean(leaves[agree]) - before
                node = tree[node["left" if left else "right"]]
        told = trees.contributions(row.tolist())
        assert told.parts == pytest.approx(parts, abs=100 * GRID)
        assert told.baseline == pytest.approx(baseline, abs=100 * GRID)


def leaf_of(nodes, row):
    place = 0
    while not nodes[place]["is_leaf"]:
        place = nodes[place]["left" if row[nodes[place]["feature_idx"]] <= nodes[place]["num_threshold"] else "right"]
    return place


def test_what_rounding_the_leaves_costs_is_far_below_anything_that_counts(history):
    table, labels = matrix(history)[:3_000], history["label"].to_numpy(dtype=bool)[:3_000]
    rounded = grow(table, labels, signs=[SIGNS.get(name, 0) for name in FEATURES], seed=5)
    untouched = HistGradientBoostingClassifier(**rounded.get_params()).fit(table, labels)

    assert np.abs(rounded._raw_predict(table) - untouched._raw_predict(table)).max() < 1e-8
