"""Attackers who act by chosen tactics: their people, accounts, phones, devices and addresses, made as they say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from fraud.attackers import parameters as kinds
from fraud.attackers.agents import DAY, HOUR, Account, Ask, Person, Role
from fraud.attackers.country import RELEASE_HOUR, Country
from fraud.attackers.honest import an_ask
from fraud.attackers.hostile import moments_ahead, owners
from fraud.attackers.parameters import CLIENTS, Kind, World
from fraud.attackers.tactics import Tactics

_OFFICES: Final = 3
_SAME_SITTING: Final = 1.0
_WILLING: Final = frozenset({"client", "cover"})


def crews(country: Country, world: World, honest: Sequence[Ask]) -> list[Ask]:
    """Return what the attackers ask for whom the world has tactics; squatters choose among the honest asks."""
    asks: list[Ask] = []
    for name, tactics in world.tactics.items():
        make = _listed if name in {kinds.SQUATTER.name, kinds.CLAIMER.name} else _crew
        asks += make(country, world, kinds.KINDS[name], tactics, honest)
    return asks


def acting(kind: Kind, tactics: Tactics) -> Kind:
    """Return a kind whose habits are these tactics', where they say anything of them."""
    habits = replace(
        kind.habits,
        again=tactics.again,
        resells=tactics.resold > 0,
        resold_within=tactics.resold_within,
        leaves=tactics.leaves,
        moves=tactics.moves,
        redrawn=tactics.redrawn,
        apart=tactics.apart,
    )
    return replace(kind, habits=habits)


class Crew:
    """What a kind works with: who is asked for next uses what is in hand, until it is used up as the tactics say."""

    def __init__(self, country: Country, kind: Kind, tactics: Tactics, home: Callable[[], str]) -> None:
        self._country, self._tactics, self._home = country, tactics, home
        self._kind = acting(kind, tactics)
        self._willing = replace(self._kind, habits=replace(CLIENTS, again=tactics.again))
        self._account: Account | None = None
        self._in_account = self._on_phone = self._on_device = self._at_network = 0
        self._device = self._network = ""

    def ask(self, people: tuple[Person, ...], at: float, *, role: Role = "", **about: Any) -> Ask:
        """Ask for some people; clients and covers know of it, and come."""
        tactics = self._tactics
        account = self._account_for(len(people), at)
        if not self._network or self._at_network >= tactics.per_network:
            self._network, self._at_network = self._home(), 0
        if tactics.cookie and (not self._device or self._on_device >= tactics.per_device):
            self._device, self._on_device = self._country.name("device"), 0
        self._at_network += len(people)
        self._on_device += len(people)
        return an_ask(
            self._country, self._willing if role in _WILLING else self._kind, account, people, at=at, role=role,
            device=self._device, network=self._network, offices=_OFFICES,
            form_seconds=self._country.amount(tactics.typing, 0.6, 0.5, 7_200.0), **about,
        )  # fmt: skip

    def _account_for(self, people: int, at: float) -> Account:
        tactics, old = self._tactics, self._account
        account = old
        if account is None or self._in_account + people > max(people, tactics.per_account):
            account = self._account = self._new_account(at)
            if old is not None and self._on_phone + max(people, tactics.per_account) <= tactics.per_phone:
                account.phone, account.prefix = old.phone, old.prefix
            else:
                self._on_phone = 0
            self._in_account = 0
        self._in_account += people
        self._on_phone += people
        return account

    def _new_account(self, at: float) -> Account:
        account = self._country.account(at, helper=self._tactics.front, new=1.0)
        if self._tactics.account_days >= _SAME_SITTING:
            account.made_at = at - self._tactics.account_days * DAY
            account.registered = account.made_at < 0
        return account


def _crew(country: Country, world: World, kind: Kind, tactics: Tactics, _honest: Sequence[Ask]) -> list[Ask]:
    """Make the requests of a kind that has identities of its own, or clients."""
    number = world.attackers(_SUPPLY[kind.name](world))
    crew = Crew(country, kind, tactics, _homes(country, kind))
    names = [True] * number + [False] * round(number * tactics.invented)
    left: list[bool] = country.chance.permutation(names).tolist()
    false: Role = "client" if kind in {kinds.BROKER, kinds.FARM} else ""
    parties = [(left[first : first + tactics.party], false) for first in range(0, len(left), tactics.party)]
    parties += [([True], "cover")] * round(number * tactics.mixed)
    moments = sorted((_moment(country, world, tactics), place) for place in country.chance.permutation(len(parties)))
    asks = []
    for at, place in moments:
        party, role = parties[place]
        people = tuple(country.person(known=known) for known in party)
        sold = not role and len(people) == 1 and country.chance.random() < tactics.resold
        buyer = {"buyer": country.person()} if sold else {}
        asks.append(crew.ask(people, at, role=role, **buyer))
    return asks


def _listed(country: Country, world: World, kind: Kind, tactics: Tactics, honest: Sequence[Ask]) -> list[Ask]:
    """Make the requests for numbers of a leaked list, each ahead of its owner, who pays to have their own turn."""
    number = world.attackers(world.squats if kind is kinds.SQUATTER else world.claimed)
    crew = Crew(country, kind, tactics, country.network)
    moments = moments_ahead(country, owners(country, number, honest), tactics.ahead)
    return [crew.ask(owner.people[:1], at, role="owner") for at, owner in moments]


def _moment(country: Country, world: World, tactics: Tactics) -> float:
    """Return when a request is sent, within the days that the tactics leave: after the hour of release, or by day."""
    first = min(int(tactics.begins * world.days), world.days - 1)
    days = max(1, round(tactics.lasts * (world.days - first)))
    day = (first + int(country.chance.integers(days))) * DAY
    if country.chance.random() < tactics.rush:
        return float(day + RELEASE_HOUR * HOUR + country.chance.exponential(120))
    return float(day + country.moment(rush=0.0) % DAY)


def _homes(country: Country, kind: Kind) -> Callable[[], str]:
    """Return where a kind's addresses come from: rented servers, a phone's operator, or homes."""
    if kind is kinds.BOT:
        return lambda: country.name("server")
    if kind is kinds.FARM:
        return lambda: f"operator {country.chance.integers(60)}"
    return country.network


_SUPPLY: Final[Mapping[str, Callable[[World], int]]] = MappingProxyType(
    {
        kinds.BOT.name: lambda world: world.bot_identities,
        kinds.ROTATING.name: lambda world: world.bot_identities,
        kinds.HOARDER.name: lambda world: world.hoarders * world.borrowed,
        kinds.BROKER.name: lambda world: world.brokers * world.clients,
        kinds.FARM.name: lambda world: world.farm_workers * world.farm_clients,
    }
)
"""People whom each kind can ask for: stolen or borrowed identities, or clients."""
