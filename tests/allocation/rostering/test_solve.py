"""Rosters keep the law, are worth what they say, and lie below a bound that a whole search confirms."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from allocation.cp_sat import deterministic
from allocation.rostering import solve as solving
from allocation.rostering.bound import bound
from allocation.rostering.roster import FREE, broken, covered, extra_hour, minutes, missing, next_counter, served, worth
from allocation.rostering.samples import a_branch, present_plan
from allocation.rostering.solve import WORK, solve
from allocation.rostering.weeks import A_DAY, WEEK, Law, Shifts, Staff, Weeks
from tests.support.effort import examples

pytestmark = pytest.mark.slow


def tiny(rng, *, people=2, law=None, first=0):
    """A week of two days with two blocks, small enough to try every roster."""
    gain = np.zeros((WEEK, 2, 2))
    gain[first : first + 2] = np.sort(rng.integers(0, 9, size=(2, 2, 2)).astype(float), axis=2)[:, :, ::-1]
    return Weeks(
        gain=gain,
        needs=np.zeros((WEEK, 2, 1), np.int64),
        shifts=Shifts(
            covers=np.array([[True, False], [False, True], [True, True]]),
            starts=np.array([480, 720, 480]),
            ends=np.array([720, 960, 960]),
            paid=np.array([240, 240, 480]),
        ),
        staff=Staff(
            may=rng.random((people, WEEK)) < 0.9,
            skills=np.ones((people, 1), np.bool_),
            owed=np.full(people, 240),
            most=rng.integers(1, 5, size=people) * 240,
            in_a_row=rng.integers(0, 6, size=people),
            ended=np.full(people, -1),
            follow=rng.integers(0, 6, size=people),
            begins=rng.choice([-1, 480, 720], size=people),
        ),
        law=law or Law(rest_minutes=A_DAY - 240, days_in_a_row=6),
        overtime=1.0,
    )


def best_of_all(weeks, first=0):
    best = -np.inf
    for chosen in product(range(-1, 3), repeat=weeks.people * 2):
        shift = np.full((weeks.people, WEEK), FREE)
        shift[:, first : first + 2] = np.reshape(chosen, (weeks.people, 2))
        if not broken(weeks, shift):
            best = max(best, worth(weeks, shift))
    return best


@pytest.mark.parametrize("first", [0, 5])
@pytest.mark.parametrize("seed", range(examples(3, nightly=40)))
def test_no_roster_of_all_that_there_are_is_better(seed, first):
    weeks = tiny(np.random.default_rng(seed), first=first)
    made = solve(weeks)
    assert not broken(weeks, made.shift)
    assert made.value == pytest.approx(best_of_all(weeks, first), abs=0.02)
    assert made.bound >= made.value == worth(weeks, made.shift)


def test_a_month_of_a_branch_is_near_its_bound_and_serves_more_an_hour_than_today():
    weeks = a_branch(1, people=12, counters=10).weeks
    made = solve(weeks)
    assert not broken(weeks, made.shift)
    assert made.gap < 0.01
    assert missing(weeks, made.shift).sum() < 0.05 * weeks.needs.sum()  # only in a pause while a colleague is on leave
    plan = present_plan(weeks)
    rates = [served(weeks, shift) / minutes(weeks, shift).sum() for shift in (made.shift, plan)]
    assert rates[0] > rates[1]
    assert np.array_equal(solve(weeks).shift, made.shift)


def test_the_search_ends_with_a_roster_that_is_worth_all_that_there_can_be(monkeypatch):
    blocks, people = 6, 3
    pause = np.eye(blocks, dtype=np.bool_)
    covers = np.array(
        [~pause[3], ~pause[4], ~pause[5], ~pause[5], ~(pause[0] | pause[4]), [0, 0, 0, 1, 1, 1]], np.bool_
    )
    open_days = (np.arange(WEEK) < 5)[:, None, None]
    none = np.zeros(people, np.int64)
    weeks = Weeks(
        gain=np.broadcast_to(4.0 * open_days, (WEEK, blocks, 20)),
        needs=np.broadcast_to(1 * open_days, (WEEK, blocks, 1)),
        shifts=Shifts(
            covers,
            starts=np.array([480, 480, 480, 480, 540, 660]),
            ends=np.array([960, 960, 960, 780, 900, 960]),
            paid=np.array([420, 420, 420, 300, 300, 300]),
        ),
        staff=Staff(
            may=np.ones((people, WEEK), np.bool_),
            skills=np.arange(people)[:, None] == people - 1,
            owed=np.full(people, 2100),
            most=np.full(people, 2400),
            in_a_row=none,
            ended=none - 1,
            follow=none,
            begins=none - 1,
        ),
        overtime=8.0,
    )
    solvers = []
    monkeypatch.setattr(solving, "deterministic", lambda work: solvers.append(deterministic(work)) or solvers[-1])
    made = solve(weeks)
    assert made.gap < 1e-9
    assert not broken(weeks, made.shift)
    assert solvers[0].best_objective_bound > 1000 * made.value + 1, "CP-SAT alone would go on"
    assert solvers[0].deterministic_time < WORK / 2


def test_no_week_of_a_roster_is_worth_more_than_its_own_bound():
    weeks = a_branch(4, people=5, counters=5, weeks=2).weeks
    alone = [weeks.week(0), weeks.week(1)]
    made = solve(weeks, work=1.0)
    for number, week in enumerate(alone):
        assert worth(week, made.shift[:, number * WEEK : (number + 1) * WEEK]) <= bound(week) + 1e-6
    assert made.bound <= sum(map(bound, alone)) + 1e-6


def test_what_one_more_counter_and_one_more_hour_serve_is_what_they_add():
    weeks = a_branch(2, people=6, counters=6, weeks=1).weeks
    shift = solve(weeks).shift
    more = next_counter(weeks, shift)
    day, block = np.unravel_index(more.argmax(), more.shape)
    one_more = np.concatenate((shift, np.full((1, WEEK), FREE)))
    wider = replace(
        weeks, staff=Staff(*(np.concatenate((column, column[:1])) for column in vars(weeks.staff).values()))
    )
    kind = int(np.flatnonzero(weeks.shifts.covers[:, block])[0])
    one_more[-1, day] = kind
    added = served(wider, one_more) - served(weeks, shift)
    assert added == pytest.approx(more[day][weeks.shifts.covers[kind]].sum())
    assert extra_hour(weeks, shift)[day] >= added / (weeks.shifts.paid[kind] / 60) - 1e-9


def test_rests_rows_of_days_and_leave_bind_across_weeks():
    night = Shifts(np.array([[True], [True]]), np.array([0, 900]), np.array([480, 1380]), np.array([480, 480]))
    people, days = 3, 2 * WEEK
    may = np.ones((people, days), np.bool_)
    may[0, 3:6] = False
    weeks = Weeks(
        gain=np.full((days, 1, people), 5.0),
        needs=np.zeros((days, 1, 1), np.int64),
        shifts=night,
        staff=Staff(
            may=may,
            skills=np.ones((people, 1), np.bool_),
            owed=np.full(people, 6 * 480),
            most=np.full(people, 6 * 480),
            in_a_row=np.array([0, 5, 0]),
            ended=np.array([-1, 1380, 1380]),
            follow=np.array([0, 0, 5]),
            begins=np.array([0, -1, 0]),
        ),
        law=Law(rest_minutes=11 * 60, days_in_a_row=6, days_off=1),
    )
    made = solve(weeks)
    assert broken(weeks, made.shift) == []
    assert made.shift[1, 0] != 0  # the morning after a late shift
    assert (made.shift[0, 3:6] == FREE).all()
    assert made.shift[0, -1] != 1  # a late shift before the morning that follows
    assert (made.shift[2, -2:] == FREE).any()  # before five days that follow
    for wrong, what in (
        (np.zeros((people, days), np.int64), "in a row"),
        (np.tile([1, 0], (people, WEEK)), "rest"),
        (np.where(may, FREE, 0), "leave"),
    ):
        assert any(what in one for one in broken(weeks, wrong))


def test_a_needed_skill_is_there_even_where_it_serves_fewer():
    branch = a_branch(3, people=8, counters=8, weeks=1).weeks
    skills = np.arange(8)[:, None] == np.array([[0, 1]])
    alone = replace(
        branch,
        needs=branch.needs * (np.arange(8) == 7)[:, None],  # in the last hour alone, in which few people come
        staff=replace(branch.staff, skills=skills, most=np.full(8, 25 * 60)),
    )
    unasked = replace(alone, needs=np.zeros_like(alone.needs))
    made, best = (solve(weeks, work=1.0).shift for weeks in (alone, unasked))
    assert not broken(alone, made)
    assert missing(alone, made).sum() < missing(alone, best).sum()
    assert served(alone, made) < served(alone, best)
    assert covered(alone, made).max() <= 8


def test_columns_that_do_not_fit_are_refused():
    weeks = a_branch(1, people=4, counters=4, weeks=1).weeks
    for wrong, what in (
        ({"gain": weeks.gain[:3]}, "whole weeks"),
        ({"gain": weeks.gain[:, :, ::-1]}, "more than the one before"),
        ({"needs": weeks.needs[:, :3]}, "fit"),
        ({"staff": replace(weeks.staff, owed=weeks.staff.most + 1)}, "owed more"),
        ({"staff": replace(weeks.staff, may=weeks.staff.may[:, :3])}, "staff × days"),
    ):
        with pytest.raises(ValueError, match=what):
            replace(weeks, **wrong)


@pytest.mark.parametrize("closed", [slice(0, WEEK), slice(WEEK, 2 * WEEK), slice(None)])
def test_nobody_works_in_a_week_in_which_the_office_is_closed(closed):
    weeks = a_branch(people=4, counters=3, weeks=2).weeks
    gain, needs = weeks.gain.copy(), weeks.needs.copy()
    gain[closed], needs[closed] = 0, 0
    made = solve(replace(weeks, gain=gain, needs=needs), work=1.0)
    assert (made.shift[:, closed] == FREE).all()
    assert (made.shift != FREE).any() == (closed != slice(None))


def test_without_kinds_of_shifts_nobody_works():
    weeks = a_branch(people=2, counters=2, weeks=1).weeks
    none = np.zeros(0, np.int64)
    empty = replace(weeks, shifts=Shifts(np.zeros((0, weeks.gain.shape[1]), np.bool_), none, none, none))
    made = solve(empty)
    assert (made.shift == FREE).all()
    assert not extra_hour(empty, made.shift).any()
