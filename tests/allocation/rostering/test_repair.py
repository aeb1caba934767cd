"""A morning with absences: booked appointments first, then as little change as possible."""

from itertools import product

import numpy as np
import pytest

from allocation.rostering.repair import Today, repair
from allocation.rostering.roster import FREE
from allocation.rostering.samples import HOURS, shifts
from tests.support.effort import examples

WHOLE_DAY, MORNING = 0, 3


def today(shift, absent=(), booked=2, needs=0, now=0, allowed=None):
    people = len(shift)
    kinds = shifts()
    return Today(
        shifts=kinds,
        shift=np.array(shift),
        absent=np.isin(np.arange(people), absent),
        allowed=np.ones((people, len(kinds.paid)), np.bool_) if allowed is None else allowed,
        skills=(np.arange(people) == 0)[:, None],
        booked=np.full(HOURS, booked),
        needs=np.full((HOURS, 1), needs),
        now=now,
    )


def test_a_day_with_enough_people_is_left_alone():
    done = repair(today([WHOLE_DAY, 1, WHOLE_DAY, FREE], absent=[2], booked=1))
    assert done.shift.tolist() == [WHOLE_DAY, 1, FREE, FREE]
    assert done.changed.tolist() == []
    assert done.short.sum() == 0


def test_one_longer_shift_is_preferred_to_calling_in_two():
    done = repair(today([MORNING, WHOLE_DAY, 1, FREE, FREE], absent=[1], booked=2))
    assert len(done.changed) <= 2
    assert done.short[:4].sum() == 0


def test_what_has_begun_is_not_changed_and_nobody_begins_in_the_past():
    done = repair(today([MORNING, WHOLE_DAY, FREE], absent=[1], booked=2, now=4))
    covers = shifts().covers
    assert (covers[done.shift[0]][:4] == covers[MORNING][:4]).all()
    assert done.shift[2] == FREE or not covers[done.shift[2]][:4].any()
    assert done.short[:4].sum() == 0  # not asked for any more


def test_where_nobody_may_come_the_counters_that_are_missing_are_told():
    nobody = np.zeros((2, len(shifts().paid)), np.bool_)
    done = repair(today([WHOLE_DAY, 1], absent=[1], booked=2, allowed=nobody))
    assert done.changed.tolist() == []
    assert done.counters.tolist() == shifts().covers[WHOLE_DAY].astype(int).tolist()
    assert done.short.tolist() == (2 - shifts().covers[WHOLE_DAY]).tolist()


def test_a_skill_that_is_needed_comes_before_everything_else():
    done = repair(today([FREE, WHOLE_DAY, 1], booked=1, needs=1))
    assert done.shift[0] != FREE
    assert done.lacking.sum() <= 1  # one pause


@pytest.mark.parametrize("seed", range(examples(3, nightly=30)))
def test_no_other_day_has_fewer_missing_or_fewer_changes(seed):
    rng = np.random.default_rng(seed)
    kinds = len(shifts().paid)
    asked = today(
        rng.integers(-1, kinds, size=3).tolist(),
        absent=rng.integers(0, 3, size=1),
        booked=int(rng.integers(1, 4)),
        needs=int(rng.integers(0, 2)),
        allowed=rng.random((3, kinds)) < 0.7,
    )
    done = repair(asked)
    covers = np.concatenate((shifts().covers, np.zeros((1, HOURS), np.bool_)))

    def cost(shift):
        there = covers[shift]
        lacking = np.maximum(asked.needs[:, 0] - there[0], 0).sum()
        short = np.maximum(asked.booked - there.sum(axis=0), 0).sum()
        return int(lacking), int(short), int((~asked.absent & (shift != asked.shift)).sum())

    def each(who):
        if asked.absent[who]:
            return [FREE]
        return [int(asked.shift[who]), *np.flatnonzero(asked.allowed[who]).tolist()]

    best = min(cost(np.array(chosen)) for chosen in product(*(each(who) for who in range(3))))
    assert cost(done.shift) == best


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="fit"):
        repair(today([WHOLE_DAY, 1], allowed=np.ones((3, 8), np.bool_)))
