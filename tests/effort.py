"""How hard tests try: on each submission enough to find what breaks, each night all that there is."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

Value = TypeVar("Value")

NIGHTLY = "nightly"
"""The mark of what a night alone tries, with the reason: which test of each submission finds the same."""


class Effort:
    """What this run was asked for; known before any test is collected."""

    thorough = False


def examples(number: int, *, nightly: int) -> int:
    """Return how many examples a property is tried on: so many on each submission, and more each night."""
    return nightly if Effort.thorough else number


def some_of(values: Sequence[Value], number: int) -> list[Value]:
    """Return so many of a sweep's values, from its first to its last in even steps; each night all of them.

    Raises
    ------
    ValueError
        Less than two of several values are asked for: the first alone is no sweep.
    """
    if Effort.thorough or number >= len(values):
        return list(values)
    if number < 2:
        msg = "a sweep takes two values or more"
        raise ValueError(msg)
    return [values[round(step * (len(values) - 1) / (number - 1))] for step in range(number)]


def waits_for_the_night(item: pytest.Item) -> bool:
    """Tell whether a test is tried in the night alone.

    Raises
    ------
    pytest.UsageError
        It is left to the night without a reason.
    """
    mark = item.get_closest_marker(NIGHTLY)
    if mark is not None and (len(mark.args) != 1 or not str(mark.args[0]).strip()):
        msg = f"{item.nodeid} is left to the night without a reason"
        raise pytest.UsageError(msg)
    return mark is not None and not Effort.thorough
