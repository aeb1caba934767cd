"""Turns of visitors leave nobody out and no place alone, and nobody comes to a place twice."""

from collections import Counter

import pytest

from tests.api.visitors import turns
from tests.support.effort import Effort


@pytest.mark.parametrize("least", [1, 2, 3])
@pytest.mark.parametrize("visitors", [0, 1, 2, 5, 17])
@pytest.mark.parametrize("places", [1, 2, 3, 8, 46])
def test_everybody_comes_somewhere_and_enough_come_everywhere(monkeypatch, places, visitors, least):
    monkeypatch.setattr(Effort, "thorough", False)
    found = turns(range(places), range(visitors), least=least)
    assert len(set(found)) == len(found)
    assert {visitor for _, visitor in found} == set(range(visitors))
    come = Counter(place for place, _ in found)
    assert all(come[place] >= min(least, visitors) for place in range(places))
    assert len(found) <= max(visitors, places * least)


def test_each_night_all_come_everywhere(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", True)
    assert len(turns("ab", "xyz", least=1)) == 6
