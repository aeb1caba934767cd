"""Who takes part: citizens with values, and scalpers with speed, names and capital."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Market:
    """The citizens and places of one period. Money is counted in what a place is worth to the median citizen.

    Parameters
    ----------
    places
        Places of the period, spread evenly over ``kinds``.
    demand
        Citizens, as a multiple of the places.
    kinds, choices
        Kinds of places (an office in a week, say), and how many of them each citizen accepts, in an order of their own.
    correlation
        0 to 1: correlation of two citizens' liking of the kinds. At 0 all kinds are wanted alike; at 1 everyone has
        the same list, and the other kinds are wanted by nobody.
    spread
        Standard deviation of the logarithm of a citizen's value of a place (log-normal, median 1).
    cancelled
        Share of citizens who cancel if they get a place, in time for another to use it.
    """

    places: int = 1000
    demand: float = 2.0
    kinds: int = 10
    choices: int = 3
    correlation: float = 0.0
    spread: float = 0.8
    cancelled: float = 0.1

    def __post_init__(self) -> None:
        _at_least("places", self.places, 1)
        _at_least("demand", self.demand, 0)
        _at_least("kinds", self.kinds, 1)
        _at_least("spread", self.spread, 0)
        if not 1 <= self.choices <= self.kinds:
            raise ValueError(f"choices: {self.choices} is not between 1 and the {self.kinds} kinds")
        _share("correlation", self.correlation)
        _share("cancelled", self.cancelled)


@dataclass(frozen=True)
class Scalpers:
    """All scalpers together, who act as one seller with one price: rivals could not earn more between them.

    Parameters
    ----------
    speed
        How many times as fast a robot is as a person: when the race opens, and at finding a cancelled place. 1000: it
        looks every half second, a person every eight minutes.
    capital
        Names or customers that they can work at a time, as a share of the period's places.
    booking_cost
        Of each booking or entry they try (robot, proxies, captchas).
    borrowed, name_cost
        Real people's names that they can borrow, as a share of the places, and what one costs: entries that pass a
        register, in the name of somebody who needs no place.
    returned
        Share of their unsold places that they cancel in time for another to use; the others are wasted.
    orders
        True where they may book in their customers' own names, which they know before places are released; False:
        only in other names, with the customer found afterwards.
    """

    speed: float = 1000.0
    capital: float = 0.5
    booking_cost: float = 0.05
    borrowed: float = 0.2
    name_cost: float = 0.3
    returned: float = 0.5
    orders: bool = True

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise ValueError(f"speed: {self.speed} is not above 0")
        for name in ("capital", "booking_cost", "borrowed", "name_cost"):
            _at_least(name, getattr(self, name), 0)
        _share("returned", self.returned)


@dataclass(frozen=True, eq=False)
class People:
    """n citizens, or n names in scalpers' hands, as columns.

    ``wishes``: int32 (n, choices), accepted kinds, best first. ``value``: float64 (n,). ``lot``, ``later_lot``: float64
    (n,), uniform, lower goes first in the draw and in a later one. ``click``, ``look``: float64 (n,), exponential of
    mean 1, when a person's request arrives in the race and when they next look for a cancelled place. ``cancels``,
    bool (n,). ``luck``: float64 (n,), uniform, decides whether a place changes names unnoticed.
    """

    wishes: NDArray[np.int32]
    value: NDArray[np.float64]
    lot: NDArray[np.float64]
    later_lot: NDArray[np.float64]
    click: NDArray[np.float64]
    look: NDArray[np.float64]
    cancels: NDArray[np.bool_]
    luck: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of people, n."""
        return int(self.value.size)


def citizens(market: Market, random: np.random.Generator) -> People:
    """Draw the citizens of a market."""
    n, kinds = round(market.demand * market.places), market.kinds
    liking = np.sqrt(market.correlation) * random.standard_normal(kinds)
    liking = liking + np.sqrt(1 - market.correlation) * random.standard_normal((n, kinds))
    return _people(np.argsort(-liking, axis=1)[:, : market.choices], market, random)


def names(like: People, market: Market, random: np.random.Generator) -> People:
    """Draw as many names as there are places; each asks for what some citizen wants, since it is to be sold on."""
    copied = random.integers(0, max(1, like.count), market.places if like.count else 0)
    return _people(like.wishes[copied], market, random)


def _people(wishes: NDArray[np.int64] | NDArray[np.int32], market: Market, random: np.random.Generator) -> People:
    n = len(wishes)
    return People(
        wishes=wishes.astype(np.int32),
        value=random.lognormal(0.0, market.spread, n),
        lot=random.random(n),
        later_lot=random.random(n),
        click=random.exponential(1.0, n),
        look=random.exponential(1.0, n),
        cancels=random.random(n) < market.cancelled,
        luck=random.random(n),
    )


def _at_least(name: str, value: float, least: float) -> None:
    if not least <= value < np.inf:
        raise ValueError(f"{name}: {value} is not at least {least}")


def _share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: {value} is not between 0 and 1")
