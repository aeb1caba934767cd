"""How places are given out: drawn or raced for, with or without checked names, and what becomes of cancelled ones."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Rules:
    """One way of giving out the places of a period. Every place is in a name, and only that name gets in.

    Parameters
    ----------
    drawn
        Share of the places that a draw gives out, 0 to 1; the others, and those nobody drew, go to the first who come.
    checked
        True where names are looked up in a register and a person has one entry: invented names are refused.
    at_once
        True where a cancelled place goes straight to the next who looks; else it joins a later draw.
    limit
        Share of the places that robots can reach for before limits (device, phone, address) stop them, 0 to 1.
    """

    drawn: float
    checked: bool
    at_once: bool
    limit: float = 1.0

    def __post_init__(self) -> None:
        for name in ("drawn", "limit"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: {getattr(self, name)} is not between 0 and 1")


RULES = MappingProxyType(
    {
        "first come": Rules(drawn=0, checked=False, at_once=True),
        "first come, limits and checked names": Rules(drawn=0, checked=True, at_once=True, limit=0.3),
        "half drawn, cancelled places to a later draw": Rules(drawn=0.5, checked=True, at_once=False, limit=0.3),
        "draw, any name, cancelled places at once": Rules(drawn=1, checked=False, at_once=True),
        "draw, checked names, cancelled places at once": Rules(drawn=1, checked=True, at_once=True),
        "draw, any name, cancelled places to a later draw": Rules(drawn=1, checked=False, at_once=False),
        "draw, checked names, cancelled places to a later draw": Rules(drawn=1, checked=True, at_once=False),
    }
)
"""The first is the immediate system of the paper, the last but one its batch system, the last is Mawid's."""
