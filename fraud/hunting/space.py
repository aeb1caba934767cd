"""The tactics of each kind as points of a unit cube, in which a search moves; and where it begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from types import MappingProxyType
from typing import Any, Final, Literal

from fraud.attackers import parameters as kinds
from fraud.attackers.outcomes import MOST_MOVES
from fraud.attackers.tactics import Tactics

_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Dial:
    """One habit that is searched: ``even`` and ``log`` numbers, ``whole`` on a log scale, a ``count``, a ``flag``."""

    name: str
    low: float = 0.0
    high: float = 1.0
    scale: Literal["even", "log", "whole", "count", "flag"] = "even"

    def value(self, at: float) -> Any:
        """Return the habit at a place between 0 and 1."""
        if self.scale == "flag":
            return at > _HALF
        if self.scale == "count":
            return min(int(self.high), int(self.low + at * (self.high - self.low + 1)))
        if self.scale == "even":
            return self.low + at * (self.high - self.low)
        found = exp(log(self.low) + at * (log(self.high) - log(self.low)))
        return round(found) if self.scale == "whole" else found

    def place(self, value: Any) -> float:
        """Return where between 0 and 1 a habit lies; a flag and a count in the middle of what means the same."""
        if self.scale == "flag":
            return 0.75 if value else 0.25
        if self.scale == "count":
            return float((value - self.low + _HALF) / (self.high - self.low + 1))
        low, high, at = (self.low, self.high, value) if self.scale == "even" else map(log, (self.low, self.high, value))
        return min(1.0, max(0.0, float((at - low) / (high - low))))


_HANDS: Final = (
    Dial("typing", 1.0, 600.0, "log"),
    Dial("cookie", scale="flag"),
    Dial("per_device", 1, 100, "whole"),
    Dial("per_network", 1, 100, "whole"),
    Dial("account_days", 0.0, 60.0),
    Dial("again"),
)
_TIMES: Final = (Dial("rush"), Dial("begins", 0.0, 0.9), Dial("lasts", 0.05, 1.0), Dial("party", 1, 6, "whole"))
_SELLS: Final = (
    *(Dial("resold"), Dial("resold_within", 0.05, 7.0), Dial("mixed")),
    *(Dial("leaves", scale="flag"), Dial("moves", 0, MOST_MOVES, "count"), Dial("redrawn", scale="flag")),
    Dial("apart", scale="flag"),
)
_MANY: Final = (Dial("per_phone", 1, 60, "whole"), Dial("per_account", 1, 12, "whole"))
_FRONT: Final = (Dial("front", scale="flag"),)
_INVENTS: Final = (Dial("invented", 0.0, 8.0),)

DIALS: Final[Mapping[str, tuple[Dial, ...]]] = MappingProxyType(
    {
        kinds.BOT.name: (*_HANDS, *_TIMES, *_SELLS, *_MANY, *_INVENTS),
        kinds.ROTATING.name: (
            *(*_HANDS, *_TIMES, *_SELLS, *_INVENTS),
            *(Dial("per_phone", 1, 4, "whole"), Dial("per_account", 1, 4, "whole")),
        ),
        kinds.HOARDER.name: (*_HANDS, *_TIMES, *_SELLS, *_MANY, *_FRONT),
        kinds.BROKER.name: (*_HANDS, *_TIMES, *_MANY, *_FRONT),
        kinds.FARM.name: (*_HANDS, *_TIMES, *_MANY, *_FRONT),
        kinds.SQUATTER.name: (*_HANDS, Dial("ahead", 0.05, 10.0, "log"), Dial("per_phone", 1, 4, "whole")),
        kinds.CLAIMER.name: (*_HANDS, Dial("ahead", 0.05, 10.0, "log"), *_MANY),
    }
)
"""What each kind may choose. Kinds differ by what they pay and whom they ask for."""

_ALONE: Final = Tactics(typing=25.0, cookie=False, per_device=1, per_phone=1, per_account=1, per_network=1)
_FEW: Final = Tactics(rush=0.3, typing=90.0, per_device=6, per_phone=6, per_account=6, per_network=6, again=0.9)
START: Final[Mapping[str, Tactics]] = MappingProxyType(
    {
        kinds.BOT.name: Tactics(
            rush=0.95, typing=3.0, per_device=100, per_phone=60, per_network=50, invented=4.0, resold=0.5
        ),
        kinds.ROTATING.name: replace(_ALONE, rush=0.95, invented=4.0, resold=0.5),
        kinds.HOARDER.name: Tactics(rush=0.5, lasts=0.5, typing=60.0, resold=0.95),
        kinds.BROKER.name: Tactics(rush=0.6, typing=55.0, per_device=40, per_phone=40, per_network=40, again=0.9),
        kinds.FARM.name: _FEW,
        kinds.SQUATTER.name: _ALONE,
        kinds.CLAIMER.name: replace(_ALONE, per_phone=12, per_account=12),
    }
)
"""About the habits of `fraud.attackers.hostile`: where each search begins."""


def tactics_at(kind: str, point: Sequence[float]) -> Tactics:
    """Return the tactics of a kind at a point: between 0 and 1, one number for each of its dials."""
    return Tactics(**{dial.name: dial.value(at) for dial, at in zip(DIALS[kind], point, strict=True)})


def point_of(kind: str, tactics: Tactics) -> list[float]:
    """Return the point at which a kind's tactics lie."""
    return [dial.place(getattr(tactics, dial.name)) for dial in DIALS[kind]]
