import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fraud.hunting.pareto import children, crowding, front, survivors

GOALS = st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=25).map(lambda rows: np.array(rows, float))


@given(GOALS)
def test_nobody_on_the_front_is_beaten_and_everybody_else_is(goals):
    kept = front(goals)

    for row, own in enumerate(goals):
        beats = [other for other in goals if (other <= own).all() and (other < own).any()]
        twins = [other for other in range(row) if (goals[other] == own).all()]
        assert (row in kept) == (not beats and not twins)


@given(GOALS, st.integers(1, 30))
def test_survivors_are_the_better_fronts_without_repeats(goals, number):
    kept = survivors(goals, number)

    assert len(kept) == len(set(kept)) == min(number, len(goals))
    best = front(goals)
    assert set(best) <= set(kept) if number >= len(best) else set(kept) <= set(best)


def test_the_ends_of_a_front_and_lonely_points_survive_first():
    goals = np.array([[0.0, 10.0], [1.0, 9.0], [1.1, 8.9], [5.0, 5.0], [10.0, 0.0]])

    assert np.isinf(crowding(goals)[[0, 4]]).all()
    assert set(survivors(goals, 3)) == {0, 3, 4}


def test_children_take_after_two_parents_and_stay_in_the_cube():
    parents = [np.zeros(12), np.ones(12)]

    born = children(parents, 200, np.random.default_rng(1))

    assert np.array(born).min() >= 0
    assert np.array(born).max() <= 1
    unmoved = np.mean([np.isin(child, (0.0, 1.0)).mean() for child in born])
    assert 0.75 < unmoved < 0.95  # a fifth moves, half of it back over the edge
    assert any(0 < child.round().mean() < 1 for child in born)
