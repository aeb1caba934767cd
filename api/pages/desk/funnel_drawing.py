"""Where the dots, the target and the control limits of a funnel plot stand in its picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from typing import Any, Final

import numpy as np

from api.i18n import Words
from booking.antifraud.watching.limits import ALERT_TAIL, WARNING_TAIL, Line, Standing, Totals, lower_limit, upper_limit

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


SIZE: Final = 400
_OUTER: Final = 178.0
_INNER: Final = 92.0
_LATIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ARABIC: Final = ("أ", "ب", "ج", "د", "هـ", "و", "ز", "ح", "ط", "ي", "ك", "ل")


@dataclass(frozen=True, slots=True)
class Node:
    """A circle, square or diamond with its label; ``kind`` is "account", "device" or "phone".

    ``role`` is an account's, "" where it is not known (`fraud.rings.roles.Role`).
    """

    kind: str
    label: str
    x: float
    y: float
    role: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line; the wider, the more requests an account made from a device or with a phone."""

    start: Node
    end: Node
    width: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn in a square of ``SIZE``; identifiers and accounts keep their order."""

    accounts: tuple[Node, ...]
    identifiers: tuple[Node, ...]
    edges: tuple[Edge, ...]


def letter(number: int, words: Words) -> str:
    """Return the letter that stands for a device or phone, from 0; there are twelve at most."""
    return (_ARABIC if words.language.code == "ar" else _LATIN)[number]


def draw_ring(shown: dict[str, Any], words: Words) -> Drawing:
    """Place a ring's shown part (`linking.ring_evidence`); accounts stand beside those they share with."""
    links: list[list[int]] = shown["links"]
    shares: list[list[int]] = [[] for _ in shown["bookings"]]
    for account, identifier, _ in links:
        shares[account].append(identifier)
    order = sorted(range(len(shares)), key=lambda account: (sorted(shares[account]), account))
    angle = {account: 2 * pi * place / len(order) - pi / 2 for place, account in enumerate(order)}
    roles = shown.get("roles", [""] * len(shares))
    accounts = tuple(
        Node("account", words.number(number + 1), *_on_circle(_OUTER, angle[number]), role=roles[number])
        for number in range(len(shares))
    )
    identifiers = _within(shown["identifiers"], links, angle, words)
    edges = tuple(
        Edge(accounts[account], identifiers[identifier], min(5.0, 1.0 + common / 2))
        for account, identifier, common in links
    )
    return Drawing(accounts, identifiers, edges)


def _within(
    identifiers: Sequence[dict[str, Any]], links: Sequence[Sequence[int]], angle: dict[int, float], words: Words
) -> tuple[Node, ...]:
    """Place identifiers evenly on the inner circle, each as near to its accounts as the order allows."""
    toward = []
    for number in range(len(identifiers)):
        angles = [angle[account] for account, identifier, _ in links if identifier == number]
        toward.append(atan2(sum(map(sin, angles)), sum(map(cos, angles))))
    order = sorted(range(len(identifiers)), key=toward.__getitem__)
    place = {number: -pi + 2 * pi * (rank + 0.5) / len(order) for rank, number in enumerate(order)}
    radius = _INNER if len(order) > 1 else 0.0
    return tuple(
        Node(one["kind"], letter(number, words), *_on_circle(radius, place[number]))
        for number, one in enumerate(identifiers)
    )


def _on_circle(radius: float, angle: float) -> tuple[float, float]:
    return round(SIZE / 2 + radius * cos(angle), 1), round(SIZE / 2 + radius * sin(angle), 1)
