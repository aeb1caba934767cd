from dataclasses import fields

import pytest

from fraud.attackers.tactics import Tactics
from fraud.hunting.space import DIALS, START, point_of, tactics_at

KINDS = list(DIALS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_begins_within_its_bounds(kind):
    start = START[kind]
    for dial in DIALS[kind]:
        assert dial.low <= float(getattr(start, dial.name)) <= dial.high, dial.name


@pytest.mark.parametrize("kind", KINDS)
def test_tactics_come_back_from_their_point(kind):
    came = tactics_at(kind, point_of(kind, START[kind]))

    for dial in DIALS[kind]:
        assert getattr(came, dial.name) == pytest.approx(getattr(START[kind], dial.name)), dial.name


@pytest.mark.parametrize("corner", [0.0, 1.0])
def test_the_corners_of_the_space_are_the_bounds(corner):
    for kind, dials in DIALS.items():
        tactics = tactics_at(kind, [corner] * len(dials))
        for dial in dials:
            assert float(getattr(tactics, dial.name)) == pytest.approx(dial.high if corner else dial.low)


def test_each_number_of_moves_is_tried_as_often_and_comes_back():
    (moves,) = (dial for dial in DIALS["hoarder"] if dial.name == "moves")
    assert [moves.value(at / 12) for at in range(12)] == [0] * 4 + [1] * 4 + [2] * 4
    assert [moves.value(moves.place(often)) for often in range(3)] == [0, 1, 2]


def test_each_habit_is_searched_for_some_kind_and_keeps_its_type():
    searched = {dial.name for dials in DIALS.values() for dial in dials}
    assert searched == {one.name for one in fields(Tactics)}

    usual = Tactics()
    for kind, dials in DIALS.items():
        found = tactics_at(kind, [0.4] * len(dials))
        for dial in dials:
            assert type(getattr(found, dial.name)) is type(getattr(usual, dial.name)), dial.name
