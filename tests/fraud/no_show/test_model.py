from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.no_show.model import FEATURES, NO_SHOW_SCHEMA, REMINDED_TWICE, extra_places, fit_no_show, no_show_matrix
from fraud.scoring.artifact import Artifact, ArtifactError
from fraud.scoring.splits import TrainingError
from tests.booking.scheduling.forecast.appointments import past


@pytest.fixture(scope="module")
def trained():
    return fit_no_show(past(3_000), seed=2)


def test_earlier_no_shows_raise_the_risk_and_earlier_visits_lower_it(trained):
    rows = no_show_matrix(past(300))
    scores = trained.trees.raw_many(rows)
    for name, sign in (("earlier_no_shows", 1), ("earlier_visits", -1)):
        more = rows.copy()
        more[:, FEATURES.index(name)] += 3
        assert (sign * (trained.trees.raw_many(more) - scores)).min() >= 0
    assert trained.about["metrics"]["roc_auc"] > 0.65


def test_the_fifth_of_appointments_most_at_risk_is_reminded_twice(trained):
    frame = past(3_000, seed=8)
    risky = trained.score_many(no_show_matrix(frame)) >= trained.thresholds.review

    assert 0.6 * REMINDED_TWICE < risky.mean() < 1.4 * REMINDED_TWICE
    assert frame["label"][risky].mean() > 2 * frame["label"][~risky].mean()


def test_where_all_are_alike_nobody_is_singled_out():
    frame = past(2_000).assign(**dict.fromkeys(FEATURES, 1.0))
    model = fit_no_show(frame, seed=1)

    assert (model.score_many(no_show_matrix(frame)) >= model.thresholds.review).sum() == 0


def test_neither_the_no_show_model_nor_the_gates_can_be_loaded_as_the_other(trained, model):
    assert Artifact.from_bytes(trained.to_bytes(), NO_SHOW_SCHEMA).version == trained.version
    with pytest.raises(ArtifactError, match="another schema"):
        Artifact.from_bytes(trained.to_bytes())
    with pytest.raises(ArtifactError, match="another schema"):
        Artifact.from_bytes(model.to_bytes(), NO_SHOW_SCHEMA)


def test_too_few_appointments_cannot_teach():
    with pytest.raises(TrainingError, match="at least 500"):
        fit_no_show(past(100), seed=1)


def test_what_is_not_known_is_nan():
    frame = pd.DataFrame({name: [1, None] for name in FEATURES})

    assert np.isnan(no_show_matrix(frame)[1]).all()


def test_the_overbooking_of_a_hand_worked_case():
    # Two single people who come with chance 1/2 each, two places: a third fits with chance 1 - 1/8, a fourth with
    # chance 1 - 5/16 (4 or 3 of 4 come).
    halves = {"coming": [0.5, 0.5], "units": [1, 1], "places": 2}

    assert extra_places(**halves, overflow_at_most=0.1) == 0
    assert extra_places(**halves, overflow_at_most=0.125) == 1
    assert extra_places(**halves, overflow_at_most=0.3125) == 2
    assert extra_places(**halves, overflow_at_most=0) == 0
    assert extra_places([], [], places=5, overflow_at_most=0.5) == 0


def test_a_family_comes_whole_or_not_at_all():
    # The family takes all four places with chance 1/2: any further guest meets it with chance 1/4.
    assert extra_places([0.5], [4], places=4, overflow_at_most=0.2) == 0
    assert extra_places([0.5] * 4, [1] * 4, places=4, overflow_at_most=0.2) == 2


def test_people_who_surely_come_leave_room_only_for_what_is_free():
    assert extra_places([1.0] * 3, [1] * 3, places=5, overflow_at_most=0.4) == 2


parties = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 3)), min_size=1, max_size=5)


@given(parties, st.integers(0, 8), st.floats(0.01, 0.9))
def test_the_chance_of_overflow_keeps_its_bound_by_counting_every_outcome(booked, places, bound):
    coming, units = zip(*booked, strict=True)
    extra = min(4, extra_places(coming, units, places=places, overflow_at_most=bound))
    mean = float(np.average(coming, weights=units))
    everyone = [*booked, *[(mean, 1)] * extra]
    overflow = sum(
        np.prod([chance if comes else 1 - chance for comes, (chance, _) in zip(outcome, everyone, strict=True)])
        for outcome in product((True, False), repeat=len(everyone))
        if sum(unit for comes, (_, unit) in zip(outcome, everyone, strict=True) if comes) > places
    )

    assert extra == 0 or overflow <= bound + 1e-9
