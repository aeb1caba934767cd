"""Whether numbers are amounts, or names of things: evidence of cells, outcomes and name, weighed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fraud.tables import names
from fraud.tables.columns import Held
from fraud.tables.telling import Told

_UNIQUE: Final = 0.95
_LEAST: Final = 20
_LARGE: Final = 10_000
_FAR: Final = 20
_DENSE: Final = 0.5
_EVEN: Final = 0.08
_SKEWED: Final = 0.25
_ROUND: Final = 2.0
_CERTAIN: Final = 5.0
_TELLS: Final = 3.0
_MOST: Final = 4.0
_EDGES: Final = (0.01, 0.99)
_SHORT: Final = 120


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence: how much it weighs for names of things (above 0) or amounts (below 0), and it in words."""

    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """All evidence about one column of numbers."""

    weights: tuple[Weight, ...]

    @property
    def points(self) -> float:
        """The sum: above 0 the numbers name things, else they are amounts."""
        return sum(weight.points for weight in self.weights)

    @property
    def why(self) -> str:
        """The evidence for what was decided, the heaviest first, and what speaks against it."""
        side = 1 if self.points > 0 else -1
        ranked = sorted(self.weights, key=lambda weight: -side * weight.points)
        for_it = [weight.words for weight in ranked if side * weight.points > 0]
        against = [weight.words for weight in ranked[::-1] if side * weight.points < 0]
        return "; ".join(for_it[:3]) + (f"; though {against[0]}" if against else "")


def weigh(held: Held, told: Told) -> Weighed:
    """Weigh what the name, the numbers and their outcomes say; ``told`` is empty where no outcome is known."""
    plain = held.numbers[~np.isnan(held.numbers)]
    found = [weight for look in _LOOKS if (weight := look(held, plain)) is not None]
    return Weighed((*_name(held.name), *found, *_outcomes(told)))


def _name(name: str) -> list[Weight]:
    if names.measures(name):
        return [Weight(-4, "the name says how much")]
    if names.names_an_id(name):
        return [Weight(_CERTAIN, "the name says that it identifies")]
    if names.names_only_people(name):
        return [Weight(3, "the name says who")]
    for said, points, words in (
        (names.names_people, 0.5, "the name ends in a word for people"),
        (names.names_organisations, 2.5, "the name says which organisation"),
        (names.names_issued, 2.5, "the name says that it was given out"),
        (names.names_codes, 2.0, "the name says that it is one of a list"),
    ):
        if said(name):
            return [Weight(points, words)]
    return []


def _fractions(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    return None if held.whole else Weight(-4, f"not whole, such as {_shown(plain[plain != np.floor(plain)][0])}")


def _negative(_held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    return Weight(-3, "some are below zero") if (plain < 0).mean() > 0.01 else None  # noqa: PLR2004


def _padded(held: Held, _plain: npt.NDArray[np.float64]) -> Weight | None:
    return Weight(6, "filled up with zeros") if held.padded else None


def _same_width(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    digits = np.floor(np.log10(np.maximum(np.abs(plain), 1))) + 1
    if held.whole and digits.min() == digits.max() and digits.min() >= 5 and held.distinct >= _LEAST:  # noqa: PLR2004
        return Weight(1, f"all of {int(digits.min())} digits")
    return None


def _spread(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    """Look where numbers lie: those given out evenly between least and greatest, amounts crowded somewhere."""
    if held.distinct < _LEAST or not held.whole or plain.max() < _LARGE:
        return None
    low, high = np.quantile(plain, _EDGES)
    if high == low:
        return None
    place = np.sort(np.clip((plain - low) / (high - low), 0, 1))
    away = float(np.abs(place - np.arange(1, len(place) + 1) / len(place)).max())
    if away <= _EVEN:
        return Weight(1, "evenly spread")
    return Weight(-1.5, "crowded, as amounts are") if away >= _SKEWED else None


def _round(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    """Look for round numbers: people round amounts, and nobody rounds what names a thing."""
    counts = held.counts[~np.isnan(held.numbers)]
    large = plain >= 100  # noqa: PLR2004 - so that a tenth may end in 0 by chance
    if not held.whole or counts[large].sum() < 0.5 * held.known:
        return None
    step = 10 if len(np.unique(plain % 10)) > 1 else 100  # where all end in 0, the digit before counts
    share = float(counts[large & (plain % step == 0)].sum() / counts[large].sum())
    return Weight(-2, f"{share:.0%} are round") if share > _ROUND / 10 and share > _ROUND * 10 / step else None


def _far_between(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    wide = plain.max() - plain.min() + 1
    if not held.whole or held.distinct < 3:  # noqa: PLR2004
        return None
    if held.distinct >= _UNIQUE * held.known and held.distinct >= _LEAST and held.distinct >= _DENSE * wide:
        return Weight(_CERTAIN, "they number the rows")
    if plain.min() >= _LARGE:
        return Weight(0.5, "all are large")
    if wide >= _FAR * held.distinct and held.distinct <= 0.5 * held.known:
        return Weight(1, f"{held.distinct:,} far between, each again and again")
    if plain.min() <= 1 and plain.max() <= _SHORT and held.distinct >= 0.8 * wide and held.distinct > 5:  # noqa: PLR2004
        return Weight(-1, f"nearly all from {_shown(plain.min())} to {_shown(plain.max())}")
    return None


def _mostly_none(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    """Look for a 0 in most rows, nothing of it: what is given out seldom is 0, and never to most."""
    zeros = int(held.counts[~np.isnan(held.numbers)][plain == 0].sum())
    return Weight(-1.5, f"{zeros / held.known:.0%} are 0") if zeros > 0.5 * held.known else None


def _falling(held: Held, plain: npt.NDArray[np.float64]) -> Weight | None:
    """Look how common numbers are: counts grow rarer little by little, codes of a list are common in no order."""
    if not held.whole or not 5 < held.distinct <= 60 or plain.max() > 100 * held.distinct:  # noqa: PLR2004
        return None
    counts = held.counts[~np.isnan(held.numbers)][np.argsort(plain)]
    steps = np.diff(np.log(counts + 1.0))
    rough = float(np.abs(steps).mean()) / (float(np.ptp(np.log(counts + 1.0))) + 0.2)
    return Weight(-1, "how common they are changes little by little") if rough < 0.15 else None  # noqa: PLR2004


_LOOKS: Final[tuple[Callable[[Held, npt.NDArray[np.float64]], Weight | None], ...]] = (
    _fractions,
    _negative,
    _padded,
    _same_width,
    _spread,
    _round,
    _far_between,
    _mostly_none,
    _falling,
)


def _outcomes(told: Told) -> list[Weight]:
    if told.codes >= _TELLS:
        return [
            Weight(
                min(told.codes, _MOST) + 1,
                f"each number by itself tells more than their order ({told.codes:.1f} standard errors, "
                f"{told.codes_gain:.3f} nats a row)",
            )
        ]
    if told.order >= _TELLS:
        return [Weight(-min(told.order, _MOST) / 2 - 0.5, f"their order tells ({told.order:.1f} standard errors)")]
    return []


def _shown(number: float) -> str:
    return f"{number:g}"
