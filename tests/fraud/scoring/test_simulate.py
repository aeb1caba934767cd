import pandas as pd
import pytest

from fraud.facts import FEATURES, Facts
from fraud.scoring.simulate import KINDS, simulate


def test_the_shares_of_the_kinds_make_a_whole():
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)


def test_a_history_is_repeatable():
    pd.testing.assert_frame_equal(simulate(9, 500), simulate(9, 500))
    assert not simulate(9, 500).equals(simulate(10, 500))


def test_every_simulated_request_is_made_of_sound_facts(history):
    for record in history[list(FEATURES)].head(3_000).to_dict("records"):
        Facts.from_mapping(record)


def test_a_history_is_in_the_order_of_time_and_keeps_its_hours(history):
    assert history["time"].is_monotonic_increasing
    assert (history["time"].dt.hour == history["hour_of_day"]).all()


def test_counts_that_contain_each_other_do(history):
    assert (history["requests_from_device_24h"] >= history["requests_from_device_1h"]).all()
    assert (history["requests_from_network_1h"] >= history["requests_from_device_1h"]).all()
    assert (history["requests_from_network_24h"] >= history["requests_from_network_1h"]).all()


def test_labels_follow_the_kind_but_not_without_mistakes(history):
    wrong = history["label"] != history["kind"].isin({"broker", "bot", "rotating bot"})

    assert 0 < wrong.mean() < 0.01


def test_shops_and_brokers_overlap(history):
    shops, brokers = (history.loc[history["kind"] == kind, "people_on_device_30d"] for kind in ("shop", "broker"))

    assert shops.quantile(0.8) > brokers.quantile(0.4)


def test_a_history_without_rows_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        simulate(1, 0)


def test_a_history_of_one_row_has_one_row():
    assert len(simulate(1, 1)) == 1
