"""One period: the draw, the race for the rest, the black market, and what becomes of places handed back."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from allocation.compiled import compiled
from allocation.market.agents import Market, People, Scalpers
from allocation.market.rules import Rules


class Business(StrEnum):
    """What scalpers sell."""

    NONE = "none"
    """They stay away."""
    ORDERS = "orders"
    """A robot's speed, in the customer's own name: brokers with real identities."""
    STOCK = "stock"
    """Places booked in other names, cancelled and booked again in the customer's at the moment of sale."""


@dataclass(frozen=True, eq=False)
class Chances:
    """Chance that a person who acts alone finds a kind gone, float64 (kinds,): in the race, and when looking again.

    In a market of many, what one person does moves neither, so both are taken as given by each.
    """

    race: NDArray[np.float64]
    again: NDArray[np.float64]

    def blend(self, other: "Chances") -> "Chances":
        """Half of each: what people come to expect when last period was different."""
        return Chances((self.race + other.race) / 2, (self.again + other.again) / 2)


@dataclass(frozen=True, eq=False)
class Period:
    """What happened to n citizens.

    ``kind``: int32 (n,), the place in their name, -1 none. ``left``: bool (n,), had a place and cancelled it.
    ``paid``: float64 (n,). ``price``: of one place on the black market. ``empty``: places nobody used although
    somebody without one would have taken them. ``chances``: as they turned out.
    """

    kind: NDArray[np.int32]
    left: NDArray[np.bool_]
    paid: NDArray[np.float64]
    price: float
    empty: int
    chances: Chances


@dataclass(frozen=True, eq=False)
class Setting:
    """Who meets under which rules: ``people`` want places, ``held`` are the names that scalpers could book in."""

    market: Market
    scalpers: Scalpers
    rules: Rules
    people: People
    held: People


def run(setting: Setting, business: Business, quantity: int, expected: Chances) -> Period:
    """Play one period in which scalpers work ``quantity`` customers (orders) or names (stock)."""
    market, scalpers, rules, people = setting.market, setting.scalpers, setting.rules, setting.people
    n = people.count
    customer, price = np.zeros(n, np.bool_), 0.0
    if business is Business.ORDERS:
        customer, price = _customers(setting, quantity, expected)
    robots = quantity if business is Business.STOCK else 0
    haste = np.where(customer, scalpers.speed, 1.0)
    room = np.full(market.kinds, market.places // market.kinds)
    room[: market.places % market.kinds] += 1

    kind, raced, gone_race = _release(setting, robots, haste, room)
    paying = customer & raced & (kind[:n] >= 0)
    stock = np.bincount(kind[n:][kind[n:] >= 0], minlength=market.kinds)
    kind, paid = kind[:n], np.zeros(n)
    left = people.cancels & (kind >= 0)
    room += np.bincount(kind[left], minlength=market.kinds)
    kind[left] = -1

    if rules.at_once and stock.any():
        waiting = np.flatnonzero((kind < 0) & ~left)
        price, buyers, caught = _sell(setting, waiting, stock, expected)
        kind[buyers.rows], paid[buyers.rows] = buyers.kind, price
        stock -= np.bincount(buyers.kind, minlength=market.kinds) + caught
        room += caught
    back = np.floor(stock * scalpers.returned + 0.5).astype(np.int64)
    room += back

    waiting = np.flatnonzero((kind < 0) & ~left)
    moment = people.look / haste
    waiting = _sorted(waiting, moment if rules.at_once else people.later_lot)
    gone_again = _gone(moment[waiting], fill(waiting, people.wishes, room, kind))
    if rules.at_once:
        paying[waiting] |= customer[waiting] & (kind[waiting] >= 0)
    paid[paying] = price

    would = kind.copy()
    fill(np.flatnonzero((kind < 0) & ~left), people.wishes, room + stock - back, would)
    return Period(kind, left, paid, price, int((would != kind).sum()), Chances(gone_race, gone_again))


def _release(
    setting: Setting, robots: int, haste: NDArray[np.float64], room: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.float64]]:
    """Draw the drawn share, then race for the rest; changes ``room``.

    Returns the kinds of the n citizens and the robots' names after them, int32 (n + robots,); which citizens had to
    race, bool (n,); and the chance in the race to find each kind gone, float64 (kinds,).
    """
    people, held, n = setting.people, setting.held, setting.people.count
    wishes = np.concatenate([people.wishes, held.wishes[:robots]])
    kind = np.full(n + robots, -1, np.int32)
    kept = room - np.rint(setting.rules.drawn * room).astype(np.int64)
    room -= kept
    fill(np.argsort(np.concatenate([people.lot, held.lot[:robots]])), wishes, room, kind)
    room += kept
    click = np.concatenate([people.click / haste, held.click[:robots] / setting.scalpers.speed])
    racing = _sorted(np.flatnonzero(kind < 0), click)
    raced = kind[:n] < 0
    return kind, raced, _gone(click[racing], fill(racing, wishes, room, kind))


def _customers(setting: Setting, quantity: int, expected: Chances) -> tuple[NDArray[np.bool_], float]:
    """Who orders, and the price of success at which ``quantity`` do: no place, no pay.

    Whoever is drawn needs nobody, so only the races count. With a chance A by the robot and B alone, a customer of
    value v gains A (v - p) against B v, and so pays up to v (1 - B / A).
    """
    people = setting.people
    gone = expected.race[people.wishes].min(axis=1)
    if setting.rules.at_once:
        gone = gone * expected.again[people.wishes].min(axis=1)
    robot = 1.0 - gone**setting.scalpers.speed
    worth = people.value * (1.0 - np.divide(1.0 - gone, robot, out=np.ones_like(gone), where=robot > 0))
    buyers = np.argsort(-worth, kind="stable")[:quantity]
    customer = np.zeros(people.count, np.bool_)
    customer[buyers] = True
    return customer, float(worth[buyers].min()) if buyers.size else 0.0


@dataclass(frozen=True, eq=False)
class _Buyers:
    """Who bought (rows of the citizens, int64) and which kind, int32."""

    rows: NDArray[np.int64]
    kind: NDArray[np.int32]


def _sell(
    setting: Setting, waiting: NDArray[np.int64], stock: NDArray[np.int64], expected: Chances
) -> tuple[float, _Buyers, NDArray[np.int64]]:
    """Sell the stock to those ``waiting``, at the one price that earns most.

    At a sale the robot cancels and books again in the customer's name; meanwhile everyone without a place who accepts
    the kind may look. Returns the price, who bought, and how many of each kind others caught, int64 (kinds,): those
    places are free. Pay only for success, and have anyone's chance otherwise: then a customer of value v pays up to
    v times the chance that looking again would not do.
    """
    people, speed = setting.people, setting.scalpers.speed
    rivals = np.maximum(0, np.bincount(people.wishes[waiting].ravel(), minlength=stock.size) - 1)
    success = speed / (speed + rivals)
    worth = people.value * expected.again[people.wishes].min(axis=1)
    offered = np.full(people.count, -1, np.int32)
    buyers = _sorted(waiting, -worth)
    fill(buyers, people.wishes, stock.copy(), offered)
    buyers = buyers[offered[buyers] >= 0]
    earned = worth[buyers] * np.cumsum(success[offered[buyers]])
    buyers = buyers[: int(np.argmax(earned)) + 1] if buyers.size else buyers
    price = float(worth[buyers[-1]]) if buyers.size else 0.0
    done = people.luck[buyers] < success[offered[buyers]]
    caught = np.bincount(offered[buyers[~done]], minlength=stock.size)
    return price, _Buyers(buyers[done], offered[buyers[done]]), caught


def _sorted(rows: NDArray[np.int64], key: NDArray[np.float64]) -> NDArray[np.int64]:
    return rows[np.argsort(key[rows], kind="stable")]


def _gone(moments: NDArray[np.float64], closed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chance that a person's moment, exponential of mean 1, is after each kind's last place went (see ``fill``)."""
    last = np.concatenate([moments, np.array([np.inf, 0.0])])[closed]
    gone: NDArray[np.float64] = np.exp(-last)
    return gone


@compiled
def fill(
    turns: NDArray[np.int64], wishes: NDArray[np.int32], room: NDArray[np.int64], kind: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Let each of ``turns`` take the best kind with room; changes ``room`` and ``kind``.

    Returns the position in ``turns`` at which each kind's last place went, int64 (kinds,): the length of ``turns``
    where places are left, one more where there were none.
    """
    closed = np.where(room > 0, turns.size, turns.size + 1)
    for position in range(turns.size):
        for choice in wishes[turns[position]]:
            if room[choice] > 0:
                room[choice] -= 1
                kind[turns[position]] = choice
                if room[choice] == 0:
                    closed[choice] = position
                break
    return closed
