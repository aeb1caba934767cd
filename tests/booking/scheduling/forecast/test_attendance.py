import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.scheduling.forecast.attendance import attendance, coverage, no_shows_of
from booking.scheduling.forecast.overbooking import extra_for_slot, mix_of, overflow, propose, typical_parties
from booking.scheduling.forecast.panel import HistoryError
from booking.scheduling.forecast.simulate import simulate_attendance

MIXES = st.lists(st.floats(0, 1), min_size=0, max_size=4).map(lambda rest: (1.0, *rest))


@pytest.fixture(scope="module")
def came(pack, history):
    recent = history[history["week"] >= sorted(set(history["week"]))[-64]]
    return simulate_attendance(pack, recent, seed=1)


def test_rates_of_few_appointments_lean_on_office_and_service():
    rows = [("big", "a", week, 100, 30) for week in range(10)] + [("other", "a", week, 100, 10) for week in range(10)]
    rows += [("tiny", "a", 0, 2, 2), ("big", "b", 0, 2, 0)]
    learned = attendance(pd.DataFrame(rows, columns=["office", "service", "week", "appointments", "no_shows"]))
    rate = learned.cells.set_index(["office", "service"])["rate"]
    assert abs(rate["big", "a"] - 0.3) < 0.02
    assert abs(rate["other", "a"] - 0.1) < 0.02
    assert 0.1 < rate["tiny", "a"] < 0.8, "two people say little"
    assert rate["big", "b"] > 0.1, "nobody missed it, but two people say little"
    assert ((learned.cells["low"] < learned.cells["rate"]) & (learned.cells["rate"] < learned.cells["high"])).all()


def test_intervals_cover_unseen_weeks_and_beat_a_single_national_rate(came):
    told = coverage(came, test_weeks=12)
    assert 0.8 <= told["covers_80"] < 0.93, "counts are whole, so an interval holds a little more than it says"
    assert 0.95 <= told["covers_95"] < 0.99
    assert told["error"] < 0.95 * told["error_country"]


def test_a_damaged_history_of_attendance_is_refused_with_a_reason(came):
    for damaged, why in (
        (came.drop(columns="no_shows"), "no column no_shows"),
        (came[:0], "no appointment is over"),
        (came.assign(no_shows=came["appointments"] + 1), "more no-shows"),
    ):
        with pytest.raises(HistoryError, match=why):
            attendance(damaged)


def test_a_week_of_no_appointments_has_no_no_shows():
    assert no_shows_of([0, 10], [0.1, 0.1], [50, 50])[:, 0].tolist() == [0] * 5


def test_the_chance_of_an_overflow_by_hand():
    assert overflow(2, 1, 0.1) == pytest.approx(0.9**3)
    assert typical_parties(5, (0.0, 1.0)) == [2, 2, 1]
    assert overflow(4, 1, 0.5, mix=(0.0, 1.0)) == pytest.approx(1 / 8), "two, two and one must all come"
    assert extra_for_slot(10, 0.2, at_most=0.2, reserve=9) == 1
    assert overflow(10, 1, 0.2) == pytest.approx(0.8**11)
    assert overflow(10, 2, 0.2) == pytest.approx(0.8**12 + 12 * 0.2 * 0.8**11)


@given(
    places=st.integers(0, 30),
    absent=st.floats(0, 1),
    more=st.floats(0, 1),
    at_most=st.floats(0, 0.2),
    reserve=st.integers(0, 6),
    mix=MIXES,
)
def test_more_no_shows_never_leave_room_for_fewer_and_the_bound_and_the_reserve_hold(
    places, absent, more, at_most, reserve, mix
):
    extra = extra_for_slot(places, absent, at_most=at_most, reserve=reserve, mix=mix)
    assert 0 <= extra <= reserve
    assert extra == 0 or overflow(places, extra, absent, mix=mix) <= at_most
    assert extra_for_slot(places, max(absent, more), at_most=at_most, reserve=reserve, mix=mix) >= extra
    assert extra_for_slot(places, 0.0, at_most=at_most, reserve=reserve, mix=mix) == 0
    assert sum(typical_parties(places + extra, mix)) == places + extra


def test_the_bound_holds_when_the_days_are_played():
    rng = np.random.default_rng(3)
    for places, absent, mix in ((28, 0.13, (1.0,)), (40, 0.2, (0.5, 0.3, 0.1, 0.1)), (12, 0.3, (0.8, 0.2))):
        extra = extra_for_slot(places, absent, at_most=0.02, reserve=6, mix=mix)
        parties = np.array(typical_parties(places + extra, mix))
        come = (rng.random((40_000, len(parties))) >= absent) @ parties
        assert extra > 0
        assert (come > places).mean() < 0.02 + 4 * np.sqrt(0.02 / 40_000)
        assert come.max() <= places + 6, "even if all come, the walk-in pool of the slot has room"


def test_a_proposal_lends_half_of_the_walk_in_places_and_skips_unknown_offices():
    slots = pd.DataFrame(
        [("damascus", 28, 3, 40, 240), ("damascus", 29, 0, 40, 80), ("homs", 12, 2, 16, 200)],
        columns=["office", "draw", "walk_in", "units", "slots"],
    )
    offices = pd.DataFrame({"office": ["damascus"], "rate": [0.25], "low": [0.2]})
    told = propose(slots, offices, at_most=0.05, mix=mix_of([1, 1, 1, 2]))
    assert told["office"].tolist() == ["damascus"]
    row = told.iloc[0]
    each = extra_for_slot(28, 0.2, at_most=0.05, reserve=1, mix=(0.75, 0.25))
    assert each == 1
    assert (row["extra"], row["slots"], row["walk_in"]) == (240 * each, 320, 720)
    assert 0 < row["overflow"] <= 0.05
    assert row["back"] == pytest.approx((28 * 240 + 29 * 80 + row["extra"]) * 0.25)
    assert propose(slots, offices[:0], at_most=0.05, mix=(1.0,)).empty
