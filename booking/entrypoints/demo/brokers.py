"""Those who live from the queue: brokers who ask for paying clients, scripts and rotating bots that invent people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from booking.entrypoints.demo.people import Applicant, Kind, Person, PlannedAsk, Population, family_name, first_name
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import ALL_WEEKDAYS

SHARE: Final = 0.22
"""Requests of hoarders for each honest one; they ask as much as their accounts, phones and invented numbers allow."""

CARDS_AT_HAND: Final = {Kind.BROKER: 0.5, Kind.SCRIPT: 0.1, Kind.ROTATING: 0.1}
"""Of real people for whom hoarders ask, those whose card they have: handed over by a client, or stolen.

An assumption that can be argued with, no measurement of any country.
"""

_OF_BROKERS, _OF_SCRIPTS = 0.5, 0.27
_LARGEST_TEAM: Final = 110
_CLIENTS_OF_AN_ACCOUNT: Final = 9
_ACCOUNTS_OF_A_PHONE: Final = 4  # more registrations in a quarter of an hour are refused
_UNKNOWN: Final = "99"


def hoarders(population: Population, honest: Sequence[Applicant]) -> list[Applicant]:
    """Make teams of hoarders for a population.

    A broker has an office: some phones and devices, one network, accounts some days old, and asks for each client
    alone. A script runs on one rented server and makes accounts and people up in seconds. A rotating bot shows every
    request a new device, phone and account through a few networks.
    """
    asks = round(SHARE * sum(len(applicant.asks) for applicant in honest))
    teams: list[Applicant] = []
    number = 0
    for kind, share in ((Kind.BROKER, _OF_BROKERS), (Kind.SCRIPT, _OF_SCRIPTS), (Kind.ROTATING, None)):
        left = round(asks * (1 - _OF_BROKERS - _OF_SCRIPTS if share is None else share))
        while left > 0:
            size = min(left, _LARGEST_TEAM)
            teams += _Team(population, kind, number).accounts(size)
            number, left = number + 1, left - size
    return teams


class _Team:
    """One broker, script or bot, and its accounts."""

    def __init__(self, population: Population, kind: Kind, number: int) -> None:
        self.population, self.kind, self.number = population, kind, number
        self.region = population.geography.region(population.rng)

    def accounts(self, people: int) -> list[Applicant]:
        each = 1 if self.kind is Kind.ROTATING else _CLIENTS_OF_AN_ACCOUNT
        return [self._account(index, min(each, people - first)) for index, first in enumerate(range(0, people, each))]

    def _account(self, index: int, size: int) -> Applicant:
        population, rotating = self.population, self.kind is Kind.ROTATING
        key = population.next_key()
        people = tuple(self._person() for _ in range(size))
        asks = tuple(self._ask(position) for position in range(size))
        first = min(ask.at for ask in asks)
        if index % _ACCOUNTS_OF_A_PHONE == 0 or rotating:
            self.phone = population.next_phone(Door.HOME)
        return Applicant(
            key=key,
            kind=self.kind,
            username=f"{self.kind.name.lower()}{key}",
            phone=self.phone,
            language="ar",
            door=Door.HOME,
            network=f"172.{16 + self.number // 250}.{self.number % 250}.{1 + (index if rotating else 0) % 4}",
            device=f"bot-{key}" if rotating else f"hoard-{self.number}-{index // 3}",
            registered_at=self._registered(first),
            people=people,
            asks=asks,
        )

    def _registered(self, first: datetime) -> datetime:
        population = self.population
        if self.kind is Kind.BROKER:
            return first - timedelta(hours=24 + population.amount(250, 0.9))
        minutes = population.amount(600 if self.kind is Kind.SCRIPT else 40, 0.8)
        return first - timedelta(minutes=minutes)

    def _person(self) -> Person:
        """Return a paying client (a real person), or somebody whom the hoarder makes up."""
        population, rng = self.population, self.population.rng
        invented = population.chance(0.25 if self.kind is Kind.BROKER else 0.75)
        if invented and population.chance(0.5):
            number = population.number(_UNKNOWN, None)
        elif invented:  # looks right, and may even be somebody's
            number = population.number(population.geography.number_prefix(self.region), None)
        else:
            number = population.number(population.geography.number_prefix(population.geography.region(rng)), "ending")
        name = f"{first_name(rng, 'ar')} {family_name(rng, 'ar')}"
        has_card = not invented and population.card_is_at_hand(CARDS_AT_HAND[self.kind])
        return Person(number, name, population.born(20, 70), "other", invented, has_card)

    def _ask(self, position: int) -> PlannedAsk:
        population, rng, timetable = self.population, self.population.rng, self.population.timetable
        human = self.kind is Kind.BROKER
        at = population.moment(rush=0.9)
        if at < timetable.closes and not human:  # a machine is there in the first seconds
            at = timetable.opens + timedelta(seconds=float(rng.exponential(240)))
        offices = population.geography.offices(rng, Door.HOME, self.region, most=3)
        key, units = population.next_ask("passport-renewal", (position,))
        return PlannedAsk(
            key=key,
            at=at,
            service="passport-renewal",
            people=(position,),
            units=units,
            offices=tuple(office.code for office in offices),
            weekdays=ALL_WEEKDAYS,
            bands=frozenset(population.bands),
            seconds=population.amount({Kind.BROKER: 45, Kind.SCRIPT: 1.2, Kind.ROTATING: 9}[self.kind], 0.7),
            answers_code=population.chance({Kind.BROKER: 0.4, Kind.SCRIPT: 0.02, Kind.ROTATING: 0.1}[self.kind]),
            instant=population.chance(0.4),
            cancels=population.chance(0.3),
            ignores=population.chance(0.3),
        )
