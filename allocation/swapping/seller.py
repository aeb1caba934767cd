"""What somebody could earn who sells places through the exchange, and reads its code first.

The seller has names that hold sought places, and for each name a customer who holds another one. It names the
customer's kind as the only wish of the name, and the name's kind is the customer's only wish: the pair that would hand
the place over. It picks customers so that hardly anybody else holds a place of their kind. What counts as sold is the
customers' chance of their wish with the seller's names in the night, less their chance of it without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allocation.swapping.night import Night
from allocation.swapping.samples import BANDS, KINDS, OFFICES, Holders, day_of, holders, kind_of, night_of

SOUGHT: Final = 2
"""Days that the seller's names hold, at the largest office: the first ones, for which most wish."""
Rule = Callable[[Night], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Sold:
    """Shares of the customers who got what they pay for: with the seller's names in the night, and without them."""

    got: float
    anyway: float

    @property
    def share(self) -> float:
        """What the seller adds to a customer's chance; below 0 where its names stand in the way."""
        return self.got - self.anyway

    def profit(self, *, price: float, cost: float) -> float:
        """Return the profit of a name: the price of a place that is sold for certain, less the cost of a name."""
        return self.share * price - cost


def sell(rule: Rule, *, count: int, names: int, nights: int, offices: int = OFFICES) -> Sold:
    """Let a seller sell in some nights of ``count`` holders, by a rule.

    Parameters
    ----------
    offices
        Customers hold places of so many offices, the largest first; 1: all of them at the office of the names.
    """
    shares = np.array([_one_night(rule, count, names, offices, seed) for seed in range(nights)])
    got, anyway = shares.mean(axis=0)
    return Sold(float(got), float(anyway))


def _one_night(rule: Rule, count: int, names: int, offices: int, seed: int) -> tuple[float, float]:
    chance = np.random.default_rng((seed, names))
    who = holders(count, seed=seed)
    customers = _easiest(who, names, offices)
    sold = [kind_of(0, int(chance.integers(0, SOUGHT)), int(chance.integers(0, BANDS))) for _ in customers]
    wishes = list(who.wishes)
    for kind, customer in zip(sold, customers, strict=True):
        wishes[customer] = [kind]
    offers = [[who.holds[customer]] for customer in customers]
    with_names = Holders([*who.holds, *sold], [*wishes, *offers], who.reason)
    without = Holders(who.holds, wishes, who.reason)
    gets = [rule(night_of(one, seed=seed + 1)) for one in (with_names, without)]
    got, anyway = (float((one[customers] == sold).mean()) for one in gets)
    return got, anyway


def _easiest(who: Holders, names: int, offices: int) -> list[int]:
    """Return the customers to whom a place is handed most easily, one of a kind."""
    held = np.bincount(who.holds, minlength=KINDS)
    kinds, first = np.unique(who.holds, return_index=True)
    inside = (kinds < kind_of(offices, 0, 0)) & (day_of(kinds) >= SOUGHT)
    return sorted(first[inside].tolist(), key=lambda one: (held[who.holds[one]], one))[:names]
