import numpy as np
import pytest

from fraud.tables import evaluate
from fraud.tables.moments import Moments, timeline
from tests.fraud.tables.tables import bookings

RANDOM = np.random.default_rng(1)
MADE = 19_000 + np.sort(RANDOM.uniform(0, 100, 500))
DAY = np.floor(MADE) + RANDOM.integers(0, 30, 500)
ALL = np.ones(500, dtype=bool)


def lines(time, name, delay=0.0, **others):
    return timeline(Moments(time, dated=True), name, others, train=ALL, delay=delay)


@pytest.mark.parametrize(("time", "name", "others"), [(MADE, "made", {"day": DAY}), (DAY, "day", {"made": MADE})])
def test_the_earlier_date_makes_a_row_and_the_later_one_reveals_its_outcome(time, name, others):
    found = lines(time, name, **others)
    assert (found.made_name, found.known_name) == ("made", "day")
    assert (found.lead == DAY - np.floor(MADE)).all()
    assert (found.made == np.minimum(MADE, time)).all()


def test_an_outcome_of_a_day_is_not_known_before_the_next_midnight():
    found = lines(MADE, "made", day=DAY)
    assert (found.known < DAY + 1).all()
    assert (found.known > DAY + 0.999).all()


def test_births_sign_ups_and_far_dates_make_no_row():
    found = lines(MADE, "made", birth=MADE - 9000, signup_day=MADE - 30, valid_until=MADE + 30, renewal=MADE + 2000)
    assert (found.made_name, found.known_name, found.lead) == ("made", "made", None)


def test_a_delay_makes_outcomes_known_later():
    assert (lines(MADE, "made", delay=7).known == MADE + 7).all()


def test_rows_whose_outcome_was_unknown_at_the_cut_do_not_teach():
    frame = bookings(800)
    report = evaluate(frame, label="missed", time="booked", train_before="2024-08-01")
    known = (frame["booked"] < "2024-08-01") & (frame["day"] < "2024-08-01")
    assert report.trained_rows == known.sum()
    assert any("did not teach" in note for note in report.notes)


def test_two_bookings_of_one_day_do_not_know_each_others_outcome():
    made, day = np.array([19_000.4, 19_000.5, 19_001.1]), np.array([19_000.0, 19_000.0, 19_003.0])
    found = timeline(Moments(made, dated=True), "made", {"day": day}, train=np.ones(3, dtype=bool), delay=0)
    assert (found.known[:2] > 19_000.999).all()
    assert (found.known[:2] < 19_001.1).all()
