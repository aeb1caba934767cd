"""A morning of a roster: whom the law still lets do what, and what the absence costs if nobody steps in."""

import numpy as np
import pytest

from allocation.rostering.morning import morning, unrepaired
from allocation.rostering.repair import repair
from allocation.rostering.roster import FREE, broken, covered
from allocation.rostering.samples import HOURS, a_branch, present_plan

DAY = 1


@pytest.fixture(scope="module")
def weeks():
    return a_branch(3, people=8, counters=5, weeks=2).weeks


@pytest.fixture
def shift(weeks):
    return present_plan(weeks)


def asked(weeks, shift, absent=(), booked=3):
    return morning(weeks, shift, DAY, absent=absent, booked=np.full(HOURS, booked))


def test_what_is_allowed_keeps_the_law_and_nothing_else_does(weeks, shift):
    shift[-1] = FREE
    shift[-1, 2:6] = 0  # seven hours a day: 28 of the 35 that may be worked
    allowed = asked(weeks, shift).allowed
    for who in range(weeks.people):
        for kind in range(allowed.shape[1]):
            tried = shift.copy()
            tried[who, DAY] = kind
            assert allowed[who, kind] == (not broken(weeks, tried))
    assert allowed[-1].all(), "one more day is just the whole week"
    shift[-1, 0] = 0
    assert not asked(weeks, shift).allowed[-1].any(), "six days are longer than the week"


def test_nobody_on_leave_is_called_in(weeks, shift):
    weeks.staff.may[0] = False
    shift[0] = FREE
    assert not asked(weeks, shift).allowed[0].any()
    weeks.staff.may[0] = True


def test_who_is_absent_leaves_a_counter_that_nobody_takes_before_the_repair(weeks, shift):
    absent = np.flatnonzero(shift[:, DAY] != FREE)[:3]
    question = asked(weeks, shift, absent, booked=4)
    left = unrepaired(question)
    gone = shift.copy()
    gone[absent, DAY] = FREE
    assert left.counters.tolist() == covered(weeks, gone)[DAY].tolist()
    assert left.short.tolist() == np.maximum(4 - left.counters, 0).tolist()
    assert not len(left.changed)
    done = repair(question)
    assert done.short.sum() < left.short.sum()
    repaired = shift.copy()
    repaired[:, DAY] = done.shift
    assert not broken(weeks, repaired), "the repaired roster keeps the law"


def test_a_roster_that_breaks_the_law_already_is_refused(weeks, shift):
    shift[0] = 0
    with pytest.raises(ValueError, match="breaks the law"):
        asked(weeks, shift)
