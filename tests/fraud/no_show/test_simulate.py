import pandas as pd

from fraud.no_show.model import FEATURES, fit_no_show, no_show_matrix
from fraud.no_show.simulate import simulate_appointments


def test_equal_seeds_give_equal_appointments_and_others_do_not():
    one = simulate_appointments(1, 300)
    pd.testing.assert_frame_equal(one, simulate_appointments(1, 300))
    assert not one["label"].equals(simulate_appointments(2, 300)["label"])


def test_simulated_appointments_teach_the_model_what_is_assumed_of_them():
    model = fit_no_show(simulate_appointments(1, 4_000), seed=1)
    later = simulate_appointments(2, 4_000)
    scores = model.score_many(no_show_matrix(later))

    assert set(FEATURES) <= set(later.columns)
    assert later["time"].is_monotonic_increasing
    assert 0.08 < later["label"].mean() < 0.25
    risky = scores >= pd.Series(scores).quantile(0.8)
    assert later["label"][risky].mean() > 1.5 * later["label"].mean()
