from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from booking.scheduling.forecast.backtest import backtest, origins
from booking.scheduling.forecast.demand import METHODS, by_calendar, recent_mean, seasonal_naive
from booking.scheduling.forecast.intervals import LEVELS, Errors
from booking.scheduling.forecast.outlook import Why, outlook
from booking.scheduling.forecast.panel import HistoryError, Panel
from booking.scheduling.forecast.simulate import simulate_demand
from tests.booking.scheduling.forecast.conftest import FIRST, WEEKS

pytestmark = pytest.mark.slow


def last_weeks(history, count):
    return history[history["week"] >= FIRST + timedelta(weeks=WEEKS - count)]


def test_equal_seeds_give_equal_histories_and_others_do_not(pack, history):
    arguments = {"first_week": FIRST, "weeks": 60, "weekly": 4_000}
    pd.testing.assert_frame_equal(
        simulate_demand(pack, seed=3, **arguments), simulate_demand(pack, seed=3, **arguments)
    )
    assert not simulate_demand(pack, seed=3, **arguments).equals(simulate_demand(pack, seed=4, **arguments))
    assert set(history["office"]) == {office.code for office in pack.offices}


def test_a_panel_has_every_week_and_puts_each_count_where_it_belongs(pack, history):
    some = history[history["requests"] > 0].sample(frac=0.5, random_state=1)
    panel = Panel.read(some, pack)
    assert panel.counts.sum() == some["requests"].sum()
    row = some.iloc[7]
    week = panel.weeks.index(row["week"])
    assert panel.counts[panel.series.index((row["office"], row["service"])), week] == row["requests"]
    assert {b - a for a, b in zip(panel.weeks, panel.weeks[1:], strict=False)} == {timedelta(days=7)}


def test_a_damaged_history_is_refused_with_a_reason(pack, history):
    for damaged, why in (
        (history.drop(columns="units"), "no column units"),
        (history[:0], "nobody has asked"),
        (history.assign(requests=-1), "negative"),
        (pd.concat([history, history[:1].assign(week=FIRST + timedelta(days=1))]), "same day of the week"),
    ):
        with pytest.raises(HistoryError, match=why):
            Panel.read(damaged, pack)


def test_plain_methods_on_a_hand_worked_series():
    counts = np.concatenate([np.full(52, 10.0), np.full(8, 10.0), np.full(52, 20.0)])[None]
    counts[0, 60] = 30.0
    panel = Panel((("a", "b"),), ("branch",), (FIRST,) * 112, counts)
    assert recent_mean(panel, None, 2).tolist() == [[20.0, 20.0]]
    grown = (8 * 20 + 20) / (8 * 10 + 20)
    assert seasonal_naive(panel, None, 2).tolist() == [[30 * grown, 20 * grown]]


def test_intervals_are_told_where_nobody_has_asked_for_weeks(pack):
    weeks = [FIRST + timedelta(weeks=index) for index in range(60)]
    often, once = (("damascus", "passport-renewal"), weeks), (("homs", "data-change"), weeks[:1])
    rows = [(*which, week, *3 * [5 + week.day % 4]) for which, when in (often, once) for week in when]
    history = pd.DataFrame(rows, columns=["office", "service", "week", "requests", "people", "units"])

    told = outlook(history, pack).weeks

    quiet = told[told["office"] == "homs"]
    assert len(quiet) > 1
    assert (quiet["high_95"] >= quiet["low_95"]).all()


def test_the_future_never_changes_a_forecast(panel, known):
    changed = panel.counts.copy()
    changed[:, 150:] = 999
    other = Panel(panel.series, panel.kinds, panel.weeks, changed)
    for name, method in METHODS.items():
        one, two = (method(p.until(150), known.at(slice(0, 158)), 8) for p in (panel, other))
        assert np.array_equal(one, two), name
        assert (one > 0).all()


def test_the_calendar_finds_an_effect_that_the_year_before_did_not_have(pack, known):
    codes = [office.code for office in pack.offices if office.kind == "branch"]
    series = tuple((code, "passport-renewal") for code in codes)
    ramadan = known.seasons[:, 0]
    mean = 400 * np.exp(-0.5 * ramadan)
    counts = np.random.default_rng(1).poisson(np.tile(mean, (len(codes), 1)))[:, :171].astype(float)
    panel = Panel(series, ("branch",) * len(codes), known.weeks[:171], counts)
    told = by_calendar(panel, known.at(slice(0, 179)), 8).mean(axis=0)
    assert ramadan[171:179].max() == 1, "Ramadan of 2026 lies in these weeks"
    assert np.abs(told / mean[171:179] - 1).max() < 0.1
    naive = seasonal_naive(panel, known, 8).mean(axis=0)
    assert np.abs(naive / mean[171:179] - 1).max() > 0.2, "a year before it came eleven days later"


def test_origins_end_with_the_history():
    assert origins(120, first=104) == [104, 108, 112]


@pytest.fixture(scope="module")
def tested(panel, known):
    return backtest(panel, known, list(METHODS), first=104)


def test_the_calendar_method_wins_on_simulated_years_and_its_intervals_hold(tested):
    scores = tested.scores
    assert tested.best == "calendar"
    assert scores.loc["calendar", "mase"] < 0.85 * scores.loc["seasonal-naive", "mase"]
    assert scores.loc["calendar", "pinball"] < 0.85 * scores.loc["seasonal-naive", "pinball"]
    assert abs(scores.loc["calendar", "covers_80"] - 0.8) < 0.05
    assert abs(scores.loc["calendar", "covers_95"] - 0.95) < 0.03


def test_quantiles_are_in_order_and_reach_as_far_as_the_errors_did():
    errors, rng = Errors(), np.random.default_rng(5)
    mean = np.full((300, 4), 100.0)
    errors.add(mean, rng.poisson(mean), [1, 2, 3, 4])
    bands = errors.quantiles(mean, [1, 2, 3, 4])
    assert (np.diff(bands, axis=2) >= 0).all()
    came = rng.poisson(mean)
    for place, level in enumerate(LEVELS):
        assert abs((came <= bands[..., place]).mean() - level) < 0.05


def test_a_forecast_names_its_method_and_the_reason_for_it(pack, history):
    told = {count: outlook(last_weeks(history, count), pack) for count in (4, 40, 100)}
    assert [(one.method, one.why) for one in told.values()] == [
        ("recent-mean", Why.NO_HISTORY),
        ("recent-mean", Why.TOO_SHORT),
        (told[100].tested.best, Why.NO_TWO_YEARS),
    ]
    assert told[4].tested is None
    weeks = told[100].weeks
    assert len(weeks) == 8 * 12 * 6
    assert (weeks["low_95"] <= weeks["low_80"]).all()
    assert (weeks["high_80"] <= weeks["high_95"]).all()
    renewals = weeks[weeks["service"] == "passport-renewal"]
    assert np.allclose(renewals["units"], renewals["people"]), "one unit a person"
