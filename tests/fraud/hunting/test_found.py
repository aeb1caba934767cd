import pytest

from fraud.hunting.found import figures_of, read_found, tactics_of
from fraud.hunting.space import DIALS

FOUND = read_found()


@pytest.mark.parametrize("way", FOUND)
def test_kept_tactics_are_of_the_space_that_is_searched(way):
    tactics = tactics_of(FOUND[way])

    assert set(tactics) == set(DIALS)
    for kind, dials in DIALS.items():
        for dial in dials:
            assert dial.low <= float(getattr(tactics[kind], dial.name)) <= dial.high


def test_the_kept_figures_say_why_each_part_of_the_defence_is_there():
    race, draw, gate = (figures_of(FOUND[way])["profit"] for way in ("race", "draw", "gate"))
    lists = ["squatter", "claimer"]

    assert race[["bot", "rotating bot", "broker"]].min() > 500  # speed sells
    assert draw[["bot", "rotating bot"]].max() < 100  # and is worth nothing in a draw,
    assert draw[lists].min() > 500  # where people's own turns are sold back to them
    assert gate[lists].max() < 100  # until they are asked for a proof
