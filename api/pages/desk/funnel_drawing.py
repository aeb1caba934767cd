"""Where the dots, the target and the control limits of a funnel plot stand in its picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from booking.antifraud.watching.figures import Line, Totals
from booking.antifraud.watching.limits import ALERT_TAIL, WARNING_TAIL, Standing, lower_limit, upper_limit

WIDTH: Final = 640
HEIGHT: Final = 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 68.0, 24.0, 18.0, 64.0
_POINTS: Final = 80
_FEWEST: Final = 10
"""Decisions on the axis at least, so that a few dots do not fill it."""
_TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Dot:
    """One line of the table, by its number there; a peer has none."""

    x: float
    y: float
    number: int | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Tick:
    """A number on an axis."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is drawn: curves are the points of a polyline; the first two are the 95 % limits, then the 99.8 % ones."""

    dots: tuple[Dot, ...]
    peers: tuple[Dot, ...]
    curves: tuple[str, ...]
    target: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    top: float = _TOP
    bottom: float = HEIGHT - _BOTTOM


def draw_funnel(lines: Sequence[Line], peers: Sequence[Line], totals: Totals) -> Funnel:
    """Place decided cases to the side and the share of approved ones upwards; ``lines`` keep their numbers from 1."""
    most = max([_FEWEST, *(one.decided for one in (*lines, *peers))])

    def across(decided: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * decided / most, 1)

    def upwards(share: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)

    def dot(line: Line, number: int | None) -> Dot:
        return Dot(across(line.decided), upwards(line.share), number, line.standing(totals.share))

    counts = sorted({int(one) for one in np.linspace(1, most, _POINTS)})
    step = _round_step(most)
    return Funnel(
        dots=tuple(dot(line, number) for number, line in enumerate(lines, 1)),
        peers=tuple(dot(line, None) for line in peers),
        curves=tuple(
            _curve(limit, tail, counts, totals.share, across, upwards)
            for tail in (WARNING_TAIL, ALERT_TAIL)
            for limit in (lower_limit, upper_limit)
        ),
        target=upwards(totals.share),
        x_ticks=tuple(Tick(across(value), value) for value in range(0, most + 1, step)),
        y_ticks=tuple(Tick(upwards(value / 4), value / 4) for value in range(5)),
    )


def _curve(
    limit: Callable[[int, float, float], float],
    tail: float,
    counts: Sequence[int],
    share: float,
    across: Callable[[float], float],
    upwards: Callable[[float], float],
) -> str:
    return " ".join(f"{across(count)},{upwards(limit(count, share, tail))}" for count in counts)


def _round_step(most: int) -> int:
    """Return the step of 1, 2 or 5 times a power of ten that makes some five ticks."""
    rough = most / _TICKS
    power: int = 10 ** (len(str(int(rough))) - 1)
    return next(times * power for times in (1, 2, 5, 10) if times * power >= rough)
