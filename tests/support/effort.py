"""How many cases a test tries: a few on each submission, all of them with ``--thorough`` each night."""

from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")


class Effort:
    """Whether this run is thorough. ``pytest_configure`` sets it before any test is collected."""

    thorough = False


def examples(number: int, *, nightly: int) -> int:
    """Return how many examples a property is tried on."""
    return nightly if Effort.thorough else number


def some_of(values: Sequence[Value], number: int) -> list[Value]:
    """Return ``number`` values in even steps, the first and the last among them; in a thorough run, all of them.

    Raises
    ------
    ValueError
        ``number`` is less than two and there are more values.
    """
    if Effort.thorough or number >= len(values):
        return list(values)
    if number < 2:
        msg = "choose two values or more"
        raise ValueError(msg)
    return [values[round(step * (len(values) - 1) / (number - 1))] for step in range(number)]
