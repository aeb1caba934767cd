"""Where a ring's accounts, devices and phones stand on a drawing: accounts on a circle, what they share within it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from typing import Any, Final

from api.i18n import Words

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
