"""What scalpers choose to do when they know what it earns, and what that leaves to citizens."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from allocation.market import agents
from allocation.market.agents import Market, Scalpers
from allocation.market.period import Business, Chances, Period, Setting, run
from allocation.market.rules import RULES, Rules

QUANTITIES = 8
"""How many sizes of each business scalpers consider, evenly up to the largest possible."""
PERIODS = 5
"""In which expectations settle, before the one that counts."""


@dataclass(frozen=True)
class Outcome:
    """One period after everyone knows what to expect.

    ``business``: what scalpers do, ``none`` where nothing pays. ``worked``: customers or names they work. ``sold``:
    places that changed hands for money, as a share of all. ``price``: of one. ``profit``: of all scalpers, for each
    place of the period. ``served``: citizens with a place at the end, as a share of the places. ``chance_low``,
    ``chance_high``: chance of a place of the citizens in the lower and upper half by value. ``surplus``: value of the
    places to those served less what they paid, for each place. ``wasted``: share of places that stayed empty while
    somebody would have taken them. Money is in values of the median citizen.
    """

    business: str
    worked: int
    sold: float
    price: float
    profit: float
    served: float
    chance_low: float
    chance_high: float
    surplus: float
    wasted: float


def play(market: Market, scalpers: Scalpers, rules: Rules, *, seed: int) -> Outcome:
    """Let scalpers choose the business and size that earn most, or none, and return what happens.

    Buyers and scalpers expect the chances of the period before; the same chance (people, lots, moments) is used for
    all that the scalpers try, so that differences are their doing.
    """
    random = np.random.default_rng(seed)
    people = agents.citizens(market, random)
    setting = Setting(market, scalpers, rules, people, agents.names(people, market, random))
    quiet = run(setting, Business.NONE, 0, Chances(np.ones(market.kinds), np.ones(market.kinds)))
    best, chosen, worked, most = quiet, Business.NONE, 0, 0.0
    for business, quantity in _possible(setting):
        tried = _settled(setting, business, quantity, quiet.chances)
        profit = float(tried.paid.sum()) - quantity * _cost(setting, business)
        if profit > most:
            best, chosen, worked, most = tried, business, quantity, profit
    return _outcome(setting, best, chosen, worked, most)


def compare(
    markets: Mapping[str, Market],
    scalpers: Scalpers,
    rules: Mapping[str, Rules] = RULES,
    *,
    seeds: Iterable[int] = range(10),
) -> pd.DataFrame:
    """Play every market under all rules with every seed.

    Returns
    -------
    DataFrame
        One row for each market and rules (index levels ``market``, ``rules``): means of the numbers of ``Outcome``,
        the share of seeds in which scalpers are ``active``, and their most frequent ``business``.
    """
    rows = [
        {"market": market, "rules": name, **asdict(play(setting, scalpers, rule, seed=seed))}
        for market, setting in markets.items()
        for name, rule in rules.items()
        for seed in seeds
    ]
    table = pd.DataFrame(rows)
    table["active"] = (table["business"] != Business.NONE).astype(float)
    groups = table.groupby(["market", "rules"], sort=False)
    means = groups.mean(numeric_only=True)
    means.insert(0, "business", groups["business"].agg(lambda column: column.mode().iloc[0]))
    return means


def _possible(setting: Setting) -> list[tuple[Business, int]]:
    """Businesses and sizes that capital, limits and names allow."""
    market, scalpers, rules = setting.market, setting.scalpers, setting.rules
    reach = min(scalpers.capital, rules.limit) * market.places
    names = min(reach, scalpers.borrowed * market.places) if rules.checked else reach
    largest = {
        Business.ORDERS: min(setting.people.count, int(reach)) if scalpers.orders else 0,
        Business.STOCK: min(setting.held.count, int(names)),
    }
    return [
        (business, quantity)
        for business, top in largest.items()
        for quantity in sorted({top * step // QUANTITIES for step in range(1, QUANTITIES + 1)} - {0})
    ]


def _settled(setting: Setting, business: Business, quantity: int, expected: Chances) -> Period:
    """Repeat the period until what people expect is about what happens."""
    for _ in range(PERIODS):
        expected = expected.blend(run(setting, business, quantity, expected).chances)
    return run(setting, business, quantity, expected)


def _cost(setting: Setting, business: Business) -> float:
    """Cost of one customer or name."""
    borrowed = setting.rules.checked and business is Business.STOCK
    return setting.scalpers.booking_cost + (setting.scalpers.name_cost if borrowed else 0.0)


def _outcome(setting: Setting, period: Period, business: Business, worked: int, profit: float) -> Outcome:
    value, places = setting.people.value, setting.market.places
    served = period.kind >= 0
    had = served | period.left
    order = np.argsort(value)
    lower, upper = np.array_split(had[order], 2)
    return Outcome(
        business=business.value,
        worked=worked,
        sold=float((period.paid > 0).sum()) / places,
        price=period.price,
        profit=profit / places,
        served=float(served.sum()) / places,
        chance_low=float(lower.mean()) if lower.size else 0.0,
        chance_high=float(upper.mean()) if upper.size else 0.0,
        surplus=float(value[served].sum() - period.paid.sum()) / places,
        wasted=period.empty / places,
    )
