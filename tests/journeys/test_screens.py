"""Each submission's journeys go on every kind of screen about as often as on any other."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.screens import a_screen, tried
from tests.support.effort import Effort

FIRST = re.compile(r'@on_screens\("?([\w-]+)')


def test_no_language_width_or_light_is_left_to_the_night():
    sources = "".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    names = {"ARABIC": "arabic-phone-scriptless", "ENGLISH": "english-phone-scriptless"}
    screens = [a_screen(names.get(first, first)) for first in FIRST.findall(sources)]
    assert len(screens) > 15
    for trait in ("language", "dark", "scripts"):
        assert min(Counter(screen[trait] for screen in screens).values()) > len(screens) / 3, trait
    phones = sum(screen["width"] == 320 for screen in screens)
    assert len(screens) / 3 < phones < len(screens) * 3 / 4


@pytest.mark.parametrize("name", ["arabic", "french-phone", "arabic-watch", "arabic-phone-scriptless-dark"])
def test_a_screen_that_there_is_not_is_refused(name):
    with pytest.raises(ValueError, match="there is no screen"):
        a_screen(name)


def test_the_first_is_tried_each_time_and_the_others_each_night(monkeypatch):
    monkeypatch.setattr(Effort, "thorough", False)
    assert tried("one", ["two", "three"]) == ["one"]
    monkeypatch.setattr(Effort, "thorough", True)
    assert tried("one", ["two", "three"]) == ["one", "two", "three"]
