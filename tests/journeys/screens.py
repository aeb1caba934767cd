"""On which screens a journey goes: one on each submission, by turns over all journeys, and each night all it names.

A screen is told in words: ``arabic-phone``, ``english-desk-dark``, ``arabic-tablet-dark-scriptless``.
"""

from collections.abc import Iterable
from typing import TypeVar

import pytest

from tests.support.effort import Effort

One = TypeVar("One")

LANGUAGES = {"arabic": "ar", "english": "en"}
WIDTHS = {"phone": 320, "tablet": 600, "desk": 1280}
MORE = ([], ["dark"], ["scriptless"], ["dark", "scriptless"])


def a_screen(name: str) -> dict[str, object]:
    """Read a screen as ``visit`` takes it: a language and a width, perhaps in the dark, perhaps without scripts.

    Raises
    ------
    ValueError
        There is no such screen.
    """
    language, _, rest = name.partition("-")
    width, *more = rest.split("-")
    if language not in LANGUAGES or width not in WIDTHS or more not in MORE:
        msg = f"there is no screen {name}"
        raise ValueError(msg)
    return {
        "language": LANGUAGES[language],
        "width": WIDTHS[width],
        "dark": "dark" in more,
        "scripts": "scriptless" not in more,
    }


def on_screens(first: str, *others: str) -> pytest.MarkDecorator:
    """Go on a journey on the first screen on each submission, and on the others too each night."""
    names = tried(first, others)
    return pytest.mark.parametrize("screen", [a_screen(name) for name in names], ids=names)


def tried(first: One, others: Iterable[One]) -> list[One]:
    """Return what this run tries of several examples of the same thing: the first, and each night all."""
    return [first, *(others if Effort.thorough else ())]
