"""Attackers: how each kind of them comes to ask. Who can adapt cheaply does, so that limits alone never see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from fraud.attackers import parameters as kinds
from fraud.attackers.agents import DAY, HOUR, HOUSEHOLD, Account, Ask
from fraud.attackers.country import RELEASE_HOUR, Country
from fraud.attackers.honest import Books, an_ask
from fraud.attackers.parameters import Kind, World

_OFFICES: Final = 3
_SCRIPTS, _MORNINGS = 3, 4


@dataclass(frozen=True, slots=True)
class Pumped:
    """Codes that a pumper asks for: float64 (n,) ascending instants in seconds, and the prefix of each number (n,)."""

    at: npt.NDArray[np.float64]
    prefix: npt.NDArray[np.int64]


def hostile_asks(country: Country, world: World) -> list[Ask]:
    """Return what attackers of fixed habits ask in a season, before anything happens to them."""
    return [ask for kind, make in _MAKERS.items() if kind not in world.tactics for ask in make(country, world)]


def pumped_codes(country: Country, world: World) -> Pumped:
    """Return the codes that a pumper asks for on three days, in three hours each."""
    number = world.attackers(world.pumped)
    starts = country.chance.choice(country.days, size=min(3, country.days), replace=False) * DAY + 2 * HOUR
    at = np.sort(np.concatenate([start + country.chance.uniform(0, 3 * HOUR, number) for start in starts]))
    return Pumped(at, country.chance.integers(world.pumped_prefixes, size=len(at)))


def _machine_moment(country: Country, day: int) -> float:
    """Return when a machine asks: in the first minutes after the hour when places would open."""
    return float(day * DAY + RELEASE_HOUR * HOUR + country.chance.exponential(120))


def _identities(country: Country, world: World, tries: int) -> list[bool]:
    """Return, for each of a script's tries, whether the registers know its identity."""
    stolen = np.arange(world.attackers(tries)) < world.attackers(world.bot_identities)
    known: list[bool] = country.chance.permutation(stolen).tolist()
    return known


def _bots(country: Country, world: World) -> list[Ask]:
    """Make scripts on rented servers: each a few addresses, two browsers, and one phone for all its accounts."""
    tries = _identities(country, world, world.bot_tries)
    asks = []
    for script in range(_SCRIPTS):
        books = Books(country, new=1.0)
        networks = [country.name("server") for _ in range(4)]
        devices = [country.name("device") for _ in range(2)]
        mornings = country.chance.choice(country.days, size=min(_MORNINGS, country.days), replace=False)
        mine = tries[script::_SCRIPTS]
        moments = sorted(_machine_moment(country, int(country.chance.choice(mornings))) for _ in mine)
        asks += [
            an_ask(
                country, kinds.BOT, books.account_for(1, at), (country.person(known=known),), at=at,
                device=str(country.chance.choice(devices)), network=str(country.chance.choice(networks)),
                form_seconds=country.amount(3, 0.5, 0.5), offices=_OFFICES,
            )
            for at, known in zip(moments, mine, strict=True)
        ]  # fmt: skip
    return asks


def _rotating_bots(country: Country, world: World) -> list[Ask]:
    """Make scripts behind the addresses of homes, without cookies: a new account and phone each time, slow typing."""
    asks = []
    for known in _identities(country, world, world.rotating_tries):
        at = _machine_moment(country, int(country.chance.integers(country.days)))
        asks.append(
            an_ask(
                country, kinds.ROTATING, country.account(at, new=1.0), (country.person(known=known),), at=at, device="",
                network=country.network(), form_seconds=country.amount(25, 0.6, 5), offices=_OFFICES,
            )
        )  # fmt: skip
    return asks


def _hoarders(country: Country, world: World) -> list[Ask]:
    number = world.attackers(world.hoarders)
    return [ask for place in range(number) for ask in _hoarder(country, world, careful=place % 2 == 1)]


def _hoarder(country: Country, world: World, *, careful: bool) -> list[Ask]:
    """One person with borrowed identities, who takes places early and sells them later; or (careful) on many phones."""
    device, network = "" if careful else country.name("device"), country.network()
    books = Books(country, new=0.5, one_phone=not careful)
    moments = sorted(country.moment(rush=0.5) % (country.days / 2 * DAY) for _ in range(world.borrowed))
    return [
        an_ask(
            country, kinds.HOARDER, books.account_for(1, at), country.people(1), at=at, device=device, network=network,
            form_seconds=country.amount(60, 0.6, 10), offices=_OFFICES, buyer=country.person(),
        )
        for at in moments
    ]  # fmt: skip


def _brokers(country: Country, world: World) -> list[Ask]:
    number = world.attackers(world.brokers)
    return [ask for place in range(number) for ask in _broker(country, world, careful=place % 2 == 1)]


def _broker(country: Country, world: World, *, careful: bool) -> list[Ask]:
    """Somebody who asks for clients: in accounts on one phone, or (careful) in each client's name, without cookies."""
    books, device, network = Books(country), country.name("device"), country.network()
    asks = []
    for at in sorted(country.moment(rush=0.6) for _ in range(world.clients)):
        account: Account = country.account(at, new=1.0) if careful else books.account_for(1, at)
        asks.append(
            an_ask(
                country, kinds.BROKER, account, country.people(1), at=at, device="" if careful else device,
                network=network, form_seconds=country.amount(55, 0.6, 10), offices=_OFFICES,
            )
        )  # fmt: skip
    return asks


def _farm(country: Country, world: World) -> list[Ask]:
    number = world.attackers(world.farm_workers)
    return [ask for _ in range(number) for ask in _farm_worker(country, world)]


def _farm_worker(country: Country, world: World) -> list[Ask]:
    """Somebody paid to type, on a phone of their own: too few requests for any limit."""
    books, device = Books(country, new=0.5), country.name("device")
    network = f"operator {country.chance.integers(60)}"
    return [
        an_ask(
            country, kinds.FARM, books.account_for(1, at), country.people(1), at=at, device=device, network=network,
            form_seconds=country.amount(90, 0.5, 20), offices=_OFFICES,
        )
        for at in sorted(country.moment(rush=0.3) for _ in range(world.farm_clients))
    ]  # fmt: skip


_MAKERS: Final[Mapping[str, Callable[[Country, World], list[Ask]]]] = MappingProxyType(
    {
        kinds.BOT.name: _bots,
        kinds.ROTATING.name: _rotating_bots,
        kinds.HOARDER.name: _hoarders,
        kinds.BROKER.name: _brokers,
        kinds.FARM.name: _farm,
    }
)


_AHEAD_DAYS = 2.0


def squats(country: Country, world: World, honest: list[Ask]) -> list[Ask]:
    """Return what squatters ask before some of these asks, whose people are ``squatted`` from now on.

    The list has names, numbers and birth dates of real people; each is asked for alone, from another address, some two
    days before its owner comes. *Squatters* use a new account on another phone each time, *claimers* fill accounts with
    as many people as one may act for.
    """
    asks: list[Ask] = []
    if kinds.SQUATTER.name not in world.tactics:
        for owner in owners(country, world.attackers(world.squats), honest):
            at = _ahead(country, owner, _AHEAD_DAYS)
            asks.append(_ask(country, kinds.SQUATTER, country.account(at, new=1.0), owner, at))
    if kinds.CLAIMER.name not in world.tactics:
        claimed = owners(country, world.attackers(world.claimed), honest)
        moments = moments_ahead(country, claimed, _AHEAD_DAYS)
        for first in range(0, len(moments), HOUSEHOLD):
            account = country.account(moments[first][0], new=1.0)
            some = moments[first : first + HOUSEHOLD]
            asks += [_ask(country, kinds.CLAIMER, account, owner, at) for at, owner in some]
    return asks


def owners(country: Country, number: int, honest: Sequence[Ask]) -> list[Ask]:
    """Choose so many of the asks whose people are on no list yet, or all of them; they are ``squatted`` from now on."""
    left = [ask for ask in honest if not ask.squatted]
    number = min(number, len(left))
    chosen = [left[row] for row in country.chance.choice(len(left), size=number, replace=False).tolist()]
    for owner in chosen:
        owner.squatted = True
    return chosen


def moments_ahead(country: Country, chosen: Sequence[Ask], days: float) -> list[tuple[float, Ask]]:
    """Return, in the order of time, when each owner's number is asked for: so many days before they come, in the mean.

    With it is the owner's own ask.
    """
    return sorted(((_ahead(country, owner, days), owner) for owner in chosen), key=lambda one: one[0])


def _ahead(country: Country, owner: Ask, days: float) -> float:
    return max(0.0, owner.at - country.chance.exponential(days * DAY))


def _ask(country: Country, kind: Kind, account: Account, owner: Ask, at: float) -> Ask:
    return an_ask(
        country, kind, account, owner.people[:1], at=at, device="",
        network=country.network(), form_seconds=country.amount(25, 0.6, 5), offices=3,
    )  # fmt: skip
