"""Waits: the rest of the day by the rule that calls, against days that can be reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from allocation.hall.service_times import LEVELS, PROBABILITIES, stated
from allocation.hall.simulation import invent, measure, play, told
from allocation.hall.waiting import Counters, Queue, Tickets, arrivals, by_law, comes_at_all, early, expect, tickets_of


def a_queue(due, minutes=10.0, there=None, comes=1.0, priority=()):
    count = len(due)
    return Queue(
        quantiles=np.full((count, LEVELS), minutes),
        due=np.array(due, float),
        there_from=np.tile(np.zeros(count) if there is None else np.array(there, float), (LEVELS, 1)).T,
        comes=np.full(count, comes),
        priority=np.isin(np.arange(count), priority).astype(float),
    )


def counters(elapsed, back_in=None, minutes=10.0, away=(np.inf, 0.0), pace=1.0, unsure=0.0):
    count = len(elapsed)
    return Counters(
        quantiles=np.full((count, LEVELS), minutes),
        elapsed=np.array(elapsed, float),
        back_in=np.zeros(count) if back_in is None else np.array(back_in, float),
        away_in=np.full(count, away[0]),
        away_for=np.full(count, away[1]),
        pace=np.full(count, pace),
        pace_spread=np.full(count, unsure),
    )


def tickets(rate, priority=0.0, minutes=10.0):
    return Tickets(np.full((1, LEVELS), minutes), rate, priority)


def test_where_all_take_ten_minutes_two_counters_call_two_every_ten_minutes():
    waits = expect(a_queue([-5, -4, -3, -2, -1]), counters([np.nan, 4.0]))
    assert waits.middle.tolist() == [0, 6, 10, 16, 20]
    assert waits.low.tolist() == [0, 5, 5, 15, 15]
    assert waits.high.tolist() == [5, 10, 10, 20, 20]


def test_who_is_due_earlier_is_called_earlier_whatever_their_row():
    assert expect(a_queue([-1, -3, -2]), counters([np.nan])).middle.tolist() == [20, 0, 10]


def test_priority_counts_once_it_is_their_turn():
    assert expect(a_queue([-3, -2, -1], priority=(2,)), counters([np.nan])).middle.tolist() == [10, 20, 0]
    later = expect(a_queue([-3, -2, 15], priority=(2,)), counters([np.nan])).middle
    assert later.tolist() == [0, 10, 20]


def test_a_counter_takes_who_is_there_while_others_are_still_expected():
    waits = expect(a_queue([5, 8], there=[5, 0]), counters([np.nan]))
    assert waits.middle.tolist() == [10, 0]


def test_who_may_stay_away_makes_others_wait_less_on_average():
    sure, unsure = (
        expect(a_queue([-2] * 9 + [-1], comes=share), counters([np.nan])).middle[-1] for share in (1.0, 0.5)
    )
    assert sure == 90
    assert 20 < unsure < 70


def test_breaks_and_overlong_visits_delay():
    assert expect(a_queue([0]), counters([np.nan], back_in=[12])).middle.tolist() == [12]
    assert expect(a_queue([0]), counters([25.0])).middle.tolist() == [2]  # a fifth of the mean, again and again


def test_a_planned_break_begins_once_the_counter_is_free():
    waits = expect(a_queue([-3, -2, -1]), counters([np.nan], away=(5.0, 30.0)))
    assert waits.middle.tolist() == [0, 40, 50]
    later = expect(a_queue([7], there=[7]), counters([np.nan], away=(5.0, 30.0)))
    assert later.middle.tolist() == [35]


def test_a_slow_counter_makes_those_behind_wait_longer():
    assert expect(a_queue([-3, -2, -1]), counters([np.nan], pace=1.5)).middle.tolist() == [0, 15, 30]


def test_the_less_is_known_of_a_counters_pace_the_wider_is_what_is_told():
    sure, unsure = (expect(a_queue([-9] * 9), counters([np.nan], unsure=spread)) for spread in (0.0, 0.3))
    assert sure.high[-1] - sure.low[-1] == 5
    assert unsure.high[-1] - unsure.low[-1] > 20


def test_who_comes_for_a_ticket_goes_before_those_whose_turn_is_later():
    line, one = a_queue([-1, 60], there=[0, 60]), counters([np.nan])
    alone, crowded = expect(line, one).middle, expect(line, one, tickets(0.2)).middle
    assert alone.tolist() == [0, 60]
    assert crowded[0] == 0
    assert crowded[1] > 90  # about twelve come in that hour, and ten minutes are for each


def test_who_comes_for_a_ticket_goes_behind_those_who_have_one():
    line, one = a_queue([0, 30, 31], there=[0, 0, 0]), counters([np.nan])
    crowded = expect(line, one, replace(tickets(0.4), after=31.0))
    assert crowded.middle.tolist() == expect(line, one).middle.tolist() == [0, 10, 20]


def test_who_comes_later_goes_before_those_whose_turn_it_is_only_by_law():
    line, one = a_queue([-1] * 7), counters([np.nan])
    alone, behind = expect(line, one).middle, expect(line, one, tickets(0.2)).middle
    assert behind.tolist() == alone.tolist()
    assert expect(line, one, tickets(0.2, priority=1.0)).middle[-1] > alone[-1]


def test_no_more_tickets_are_played_than_an_office_gives_in_a_day():
    line, one = a_queue([-1, 400], there=[0, 400]), counters([np.nan])
    flooded = expect(line, one, tickets(20.0, minutes=1.0), played=5).middle
    assert flooded[0] == 0
    assert 250 < flooded[1] < 450  # a minute for each of 300, and not of 8,000


def test_somebody_expected_may_be_first_by_law():
    line = a_queue([-9] * 6 + [3], there=[0] * 6 + [3])
    sure, maybe = (replace(line, priority=np.full(7, share)) for share in (0.0, 0.5))
    assert expect(sure, counters([np.nan])).middle[-1] == 60
    assert expect(maybe, counters([np.nan])).middle[-1] < 60


def test_without_a_counter_nobody_is_called_and_an_empty_hall_has_no_waits():
    assert np.isinf(expect(a_queue([0, 1]), counters([])).middle).all()
    assert len(expect(a_queue([]), counters([np.nan])).middle) == 0
    with pytest.raises(ValueError, match="columns"):
        expect(replace(a_queue([0]), quantiles=np.zeros((1, 3))), counters([np.nan]))


def test_on_an_invented_day_most_are_told_within_five_minutes():
    times = measure([invent(1000 + seed) for seed in range(5)])
    played = play(invent(3), told(times), every=30.0)
    assert played.served > 150
    assert np.mean(np.abs(played.middle - played.real) <= 5) > np.mean(np.abs(played.plain - played.real) <= 5)
    held = (played.low <= played.real) & (played.real <= played.high)
    assert held.mean() > 0.65
    assert np.mean(played.high - played.low) < 20
    again = play(invent(3), told(times), every=30.0)
    assert np.array_equal(again.high, played.high)


def test_on_a_day_on_which_nobody_waits_nobody_is_told_anything():
    played = play(invent(3, counters=20, load=0.02), told({}), every=30.0)
    assert len(played.real) == len(played.low) == 0
    assert played.served > 0


def test_as_many_come_as_in_the_last_hour():
    ago, visits = np.array([5.0, 10.0, 59.0, 61.0, 200.0]), [stated(10).quantiles] * 5
    assert tickets_of(ago, 240.0, visits, 0.1).rate == pytest.approx(3 / 60)
    assert tickets_of(ago[:2], 20.0, visits[:2], 0.1).rate == pytest.approx(2 / 20)


@pytest.mark.parametrize("since", [0.0, 0.02, 0.25, 2.0, 14.0])
def test_what_is_given_in_the_first_minutes_is_not_expected_all_day(since):
    ago = np.array([0.0, since / 2, since])
    assert tickets_of(ago, since, [stated(10).quantiles] * 3, 0.05).rate == pytest.approx(3 / 15)


def test_before_anybody_came_nobody_is_expected():
    nobody = tickets_of(np.empty(0), 0.0, [], 0.05)
    assert (nobody.rate, nobody.quantiles.shape) == (0.0, (0, LEVELS))


def test_the_more_came_the_less_what_is_assumed_of_the_law_counts():
    assert by_law(0, 0) == pytest.approx(0.05)
    assert 0.05 < by_law(2, 10) < by_law(200, 1000) < 0.2
    assert by_law(0, 1000) < 0.01


def test_how_early_people_come_leans_on_what_is_assumed_until_many_came():
    assumed, few, many = (early(np.full(count, 30.0)) for count in (0, 3, 3000))
    assert assumed.mean() == pytest.approx(10)
    assert 10 < few.mean() < 15 < many.mean() < 30.1
    assert comes_at_all(0, 0) == pytest.approx(0.85)
    assert 0.45 < comes_at_all(40, 100) < 0.5


def test_who_is_not_there_shortly_before_their_time_comes_less_likely():
    _, comes = arrivals(np.array([90.0, 20.0, 5.0, -5.0, -30.0]), early(np.empty(0)), 0.85)
    assert comes[0] == pytest.approx(0.85)
    assert np.all(np.diff(comes) < 0)
    assert comes[3] < 0.4
    assert comes[4] == 0


def test_who_still_comes_comes_as_a_thousand_invented_people_do():
    rng = np.random.default_rng(4)
    before = rng.gamma(2.0, 8.0, size=100_000) - 4
    usually = np.quantile(before, PROBABILITIES)
    for due in (60.0, 12.0, 0.0):
        left = before[before < due]
        when, comes = arrivals(np.array([due]), usually, 0.8)
        assert comes[0] == pytest.approx(0.8 * len(left) / (0.8 * len(left) + 0.2 * len(before)), abs=0.02)
        assert when[0].mean() == pytest.approx(due - left.mean(), abs=0.5)
        assert np.all(np.diff(when[0]) >= 0)
        assert when[0].min() >= 0
