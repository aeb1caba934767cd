"""Who plays: people of no real country, in households, with an account and what they will ask for."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Final, NamedTuple

import numpy as np

from booking.country.core.register import RegisterFacts
from booking.country.packs.schema import OfficeSpec, Pack
from booking.entrypoints.demo.timetable import Timetable
from booking.people.registers.synthetic import INVITED, SyntheticRegister
from booking.platform.base.clock import SettableClock
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import ALL_WEEKDAYS


class Kind(StrEnum):
    """What kind of applicant an account is; nothing in the services ever sees this word."""

    CITIZEN = "citizen"
    SHOP = "citizen, helped in a shop"
    EXPATRIATE = "expatriate"
    BROKER = "broker"
    SCRIPT = "script"
    ROTATING = "rotating bot"

    @property
    def hoards(self) -> bool:
        """Whether the account takes places for others, for money."""
        return self in HOARDERS


HOARDERS: Final = frozenset({Kind.BROKER, Kind.SCRIPT, Kind.ROTATING})


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a national number.

    ``invented`` where a hoarder made the number up; ``card_at_hand`` where whoever asks can read the serial of the
    person's identity card.
    """

    number: str
    name: str
    born: date
    relation: str
    invented: bool = False
    card_at_hand: bool = True


@dataclass(frozen=True, slots=True)
class PlannedAsk:
    """A request that will be made: ``people`` are positions among the applicant's people, ``seconds`` the form's time.

    ``instant`` ones look for a place that can be booked at once before they join the draw. ``cancels`` and ``ignores``
    say what becomes of a drawn place: given up, or never answered; else it is confirmed. ``repeats`` sends the form
    twice, as a double click does.
    """

    key: int
    at: datetime
    service: str
    people: tuple[int, ...]
    units: int
    offices: tuple[str, ...]
    weekdays: frozenset[int]
    bands: frozenset[str]
    seconds: float
    needed_by: date | None = None
    accessible: bool = False
    reason: str | None = None
    answers_code: bool = True
    instant: bool = False
    cancels: bool = False
    ignores: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """An account that will be registered, the people it acts for, and what it asks."""

    key: int
    kind: Kind
    username: str
    phone: str
    language: str
    door: Door
    network: str
    device: str
    registered_at: datetime
    people: tuple[Person, ...]
    asks: tuple[PlannedAsk, ...]


_FIRST_AR: Final = (
    *("أمل", "كريم", "ليلى", "سامر", "رنا", "يوسف", "هالة", "ماهر", "نور", "باسل", "سلمى", "عمر", "ريم", "خالد"),
    *("مايا", "طارق", "دانا", "فادي", "لمى", "زياد", "هبة", "وائل", "سناء", "أنس", "غادة", "بشار", "رغد", "نبيل"),
)
_LAST_AR: Final = ("الخيالي", "الافتراضي", "النموذجي", "المثالي", "التجريبي", "الورقي", "الوهمي", "المتخيَّل")
_FIRST_EN: Final = (
    *("Amal", "Karim", "Layla", "Samer", "Rana", "Yusuf", "Hala", "Maher", "Nour", "Basel", "Salma", "Omar"),
    *("Reem", "Khaled", "Maya", "Tarek", "Dana", "Fadi", "Lama", "Ziad", "Hiba", "Wael", "Sana", "Anas"),
)
_LAST_EN: Final = ("Example", "Sample", "Imaginary", "Fictional", "Invented", "Testfield")


def family_name(rng: np.random.Generator, language: str) -> str:
    """Draw a family name."""
    return _pick(rng, _LAST_AR if language == "ar" else _LAST_EN)


def first_name(rng: np.random.Generator, language: str) -> str:
    """Draw a first name."""
    return _pick(rng, _FIRST_AR if language == "ar" else _FIRST_EN)


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


_REACHES_ANOTHER: Final = 0.25  # consulate than the nearest
_MOVED_AWAY: Final = 0.12  # live in another region than the one they are registered in


class Geography:
    """The pack's regions weighted by population, and offices by distance."""

    def __init__(self, pack: Pack) -> None:
        regions = [region for region in pack.regions if region.country == pack.country.code]
        branches = [office for office in pack.offices if office.kind == "branch"]
        self._consulates = [office for office in pack.offices if office.kind == "consulate"]
        first = {office.region: office for office in reversed(branches)}
        people = np.array([region.population or 0 if region.code in first else 0 for region in regions], np.float64)
        counters = np.array([office.counters for office in self._consulates], np.float64)
        self._by_population = people / people.sum()
        self._by_counters = counters / counters.sum()
        self._near_region = [_by_distance(first.get(region.code, branches[0]), branches) for region in regions]
        self._near_consulate = [_by_distance(office, self._consulates) for office in self._consulates]

    def region(self, rng: np.random.Generator) -> int:
        """Draw the region where somebody is registered, by population."""
        return int(rng.choice(len(self._near_region), p=self._by_population))

    def number_prefix(self, region: int) -> str:
        """Return the first two digits of the national numbers of a region, as the synthetic register reads them."""
        return f"{region or len(self._near_region):02d}"

    def offices(self, rng: np.random.Generator, door: Door, region: int, *, most: int) -> tuple[OfficeSpec, ...]:
        """Draw up to ``most`` offices, first choice first: the nearest of where they live, then its neighbours."""
        if door is Door.ABROAD:
            near = self._near_consulate[int(rng.choice(len(self._consulates), p=self._by_counters))]
            wanted = 1 + int(rng.random() < _REACHES_ANOTHER)
        else:
            lives = self.region(rng) if rng.random() < _MOVED_AWAY else region
            near = self._near_region[lives]
            wanted = int(rng.choice([1, 2, 3], p=[0.45, 0.3, 0.25]))
        return near[: min(wanted, most)]


def _by_distance(start: OfficeSpec, offices: list[OfficeSpec]) -> tuple[OfficeSpec, ...]:
    return tuple(
        sorted(
            offices,
            key=lambda other: (
                great_circle_km(start.latitude, start.longitude, other.latitude, other.longitude),
                other.code != start.code,
            ),
        )
    )


EXPATRIATES: Final = 0.3
SECOND_DAY: Final = 0.15
_SIZES: Final = ((1, 2, 3, 4, 5, 6), (0.22, 0.18, 0.18, 0.18, 0.14, 0.10))
_PEOPLE_ON_A_NETWORK: Final = 60
_CUSTOMERS_OF_A_SHOP: Final = 22
_APART: Final = 7_654_321  # shares no divisor with ten million, so that no number comes twice
_ABROAD_PHONES: Final = ("+49170{:07d}", "+90532{:07d}", "+96655{:07d}")
_LONG_VALID_DAYS: Final = 365


class Need(NamedTuple):
    """What a person needs: a service, the passport they hold ("never", "ending", "long"), a reason."""

    service: str
    held: str
    reason: str | None = None


RENEWAL: Final = Need("passport-renewal", "ending")
FIRST: Final = Need("new-passport", "never")
FOR_A_CHILD: Final = Need("child-passport", "never")
_OF_SINGLES: Final = (
    (RENEWAL, 0.66),
    (FIRST, 0.19),
    (Need("replacement-lost", "ending", "lost"), 0.05),
    (Need("replacement-damaged", "ending", "damaged"), 0.03),
    (Need("data-change", "ending", "civil-change"), 0.03),
    (Need("passport-renewal", "long", "visa-rule"), 0.04),
)


class Population:
    """Makes applicants from one seed; the same seed, pack and timetable make the same people.

    The shares and amounts in it are assumptions that can be argued with, no measurement of any country.

    Parameters
    ----------
    pack
        The country; demand follows the population of its regions.
    timetable
        When they register and ask.
    seed
        Of everything that is drawn here.
    """

    def __init__(self, pack: Pack, timetable: Timetable, *, seed: int) -> None:
        self.timetable = timetable
        self.rng = np.random.default_rng(seed)
        self._cards = np.random.default_rng([seed, 23])
        self.geography = Geography(pack)
        self.bands = sorted(band.code for band in pack.country.bands)
        homes = [region.code for region in pack.regions if region.country == pack.country.code]
        self._register = SyntheticRegister(SettableClock(timetable.opens), homes)
        self._units = {code: rule.units for code, rule in pack.appointments.items()}
        self._keys, self._asks, self._phones = count(), count(), count(1)
        self._numbers = set(INVITED)  # who are nobody's yet

    def honest(self, people: int) -> list[Applicant]:
        """Make households of exactly ``people`` people."""
        networks = max(8, people // _PEOPLE_ON_A_NETWORK)
        applicants: list[Applicant] = []
        while people:
            size = min(people, int(self.rng.choice(_SIZES[0], p=_SIZES[1])))
            applicants.append(self._household(size, networks))
            people -= size
        return applicants

    def chance(self, share: float) -> bool:
        """Toss a coin that falls on yes in ``share`` of all cases."""
        return bool(self.rng.random() < share)

    def card_is_at_hand(self, share: float) -> bool:
        """Toss the same kind of coin for a card; apart, so that another share changes nobody's day but its own."""
        return bool(self._cards.random() < share)

    def amount(self, median: float, sigma: float) -> float:
        """Draw a log-normal amount."""
        return float(median * np.exp(sigma * self.rng.standard_normal()))

    def born(self, youngest: int, oldest: int) -> date:
        """Draw a birth date by age."""
        days = int(self.rng.integers(youngest * 366, oldest * 365))
        return self.timetable.opens.date() - timedelta(days=days)

    def number(self, prefix: str, held: str | None) -> str:
        """Draw a national number that nobody has yet; ``held`` None takes whatever comes."""
        while True:
            number = f"{prefix}{self.rng.integers(10**9):09d}"
            record = self._register.made_of(number)
            if number not in self._numbers and (held is None or (record is not None and self._holds(record) == held)):
                self._numbers.add(number)
                return number

    def next_key(self) -> int:
        """Return the next applicant's number."""
        return next(self._keys)

    def next_phone(self, door: Door) -> str:
        """Return a phone that no other account has; neighbours in time are far apart, as real numbers are."""
        number = next(self._phones) * _APART % 10**7
        if door is Door.ABROAD:
            return _ABROAD_PHONES[number % len(_ABROAD_PHONES)].format(number)
        return f"+96394{number:07d}"

    def next_ask(self, service: str, people: tuple[int, ...]) -> tuple[int, int]:
        """Return the next request's number, and its units."""
        return next(self._asks), self._units[service] * len(people)

    def moment(self, *, rush: float) -> datetime:
        """Draw when somebody asks: ``rush`` of all as soon as the window opens, the others over the day.

        Some ask on the second day only.
        """
        timetable = self.timetable
        if self.chance(SECOND_DAY):
            window = timetable.closes_again - timetable.drawn - timedelta(hours=3)
            return timetable.drawn + timedelta(hours=1) + window * float(self.rng.beta(1.5, 1.5))
        if self.chance(rush):
            return timetable.opens + timedelta(hours=min(3.0, float(self.rng.exponential(0.7))))
        window = timetable.closes - timetable.opens - timedelta(hours=1)
        return timetable.opens + window * float(self.rng.beta(1.5, 1.5))

    def _household(self, size: int, networks: int) -> Applicant:
        key = self.next_key()
        abroad = self.chance(EXPATRIATES)
        kind = Kind.EXPATRIATE if abroad else Kind.SHOP if self.chance(0.06) else Kind.CITIZEN
        door = Door.ABROAD if abroad else Door.HOME
        language = "en" if self.chance(0.2 if abroad else 0.03) else "ar"
        region = self.geography.region(self.rng)
        people, needs = self._members(size, region, language)
        network, device = self._origin(kind, key, networks)
        asks = self._asks_of(kind, door, region, needs)
        before = (
            timedelta(minutes=self.amount(15, 0.5))  # registers and asks in one sitting
            if self.chance(0.2)
            else timedelta(hours=min(1400.0, 30 + self.amount(400, 0.9)))
        )
        return Applicant(
            key=key,
            kind=kind,
            username=f"user{key}",
            phone=self.next_phone(door),
            language=language,
            door=door,
            network=network,
            device=device,
            registered_at=asks[0].at - before,
            people=tuple(people),
            asks=tuple(asks),
        )

    def _origin(self, kind: Kind, key: int, networks: int) -> tuple[str, str]:
        """Return address and device: one's own, or those of a shop that helps its neighbours."""
        if kind is Kind.SHOP:
            shops = max(1, int(0.05 * networks * _PEOPLE_ON_A_NETWORK / _CUSTOMERS_OF_A_SHOP / 2.8))
            shop = int(self.rng.integers(shops))
            return f"10.{200 + shop // 250}.{shop % 250}.7", f"shop-{shop}"
        network = int(self.rng.integers(networks))
        return f"10.{network // 250}.{network % 250}.{1 + key % 250}", f"phone-{key}"

    def _members(self, size: int, region: int, language: str) -> tuple[list[Person], list[Need]]:
        """Make the people of a household, and what each needs."""
        family = family_name(self.rng, language)
        first = _OF_SINGLES[int(self.rng.choice(len(_OF_SINGLES), p=[share for _, share in _OF_SINGLES]))][0]
        if size > 1 and first is not FIRST:
            first = RENEWAL
        child = FOR_A_CHILD if self.chance(0.45) else RENEWAL
        needs, relations = [first], ["self"]
        if size > 1:
            spouse = self.chance(0.8)
            needs.append(first if spouse else child)
            relations.append("spouse" if spouse else "child")
        needs += [child] * (size - 2)
        relations += ["child"] * (size - 2)
        prefix = self.geography.number_prefix(region)
        people = [
            Person(
                number=self.number(prefix, need.held),
                name=f"{first_name(self.rng, language)} {family}",
                born=self.born(1, 16) if relation == "child" else self.born(19, 75),
                relation=relation,
            )
            for need, relation in zip(needs, relations, strict=True)
        ]
        return people, needs

    def _asks_of(self, kind: Kind, door: Door, region: int, needs: list[Need]) -> list[PlannedAsk]:
        """Plan one request for each service that the household needs, all for the same offices and days."""
        rng, timetable = self.rng, self.timetable
        at = self.moment(rush=1 / 3)
        offices = self.geography.offices(rng, door, region, most=3)
        accessible = self.chance(0.02) and any(office.accessible for office in offices)
        weekdays = frozenset(rng.permutation([6, 0, 1, 2, 3, 4])[:4].tolist()) if self.chance(0.25) else ALL_WEEKDAYS
        bands = frozenset(self.bands)
        if self.chance(0.35):
            bands = frozenset(rng.permutation(self.bands)[: 1 + int(self.chance(0.5))].tolist())
        span = (timetable.last_day - timetable.first_day).days
        needed_by = timetable.first_day + timedelta(days=int(rng.integers(span + 10))) if self.chance(0.25) else None
        cancels, ignores, in_haste = self.chance(0.06), self.chance(0.07), self.chance(0.03)
        asks = []
        for need in dict.fromkeys(needs):
            people = tuple(position for position, each in enumerate(needs) if each == need)
            key, units = self.next_ask(need.service, people)
            ask = PlannedAsk(
                key=key,
                at=at,
                service=need.service,
                people=people,
                units=units,
                offices=tuple(office.code for office in offices),
                weekdays=weekdays,
                bands=bands,
                seconds=self.amount(120 if kind is Kind.SHOP else 14 if in_haste else 230, 0.65),
                needed_by=needed_by,
                accessible=accessible,
                reason=need.reason,
                answers_code=self.chance(0.96),
                instant=self.chance(0.06),
                cancels=cancels,
                ignores=ignores,
                repeats=self.chance(0.01),
            )
            if need.held == "long" and self.chance(0.25):  # forgets the reason first, and reads why that is refused
                asks.append(replace(ask, reason=None))
                key, _ = self.next_ask(need.service, people)
                ask = replace(ask, key=key, at=at + timedelta(minutes=5))
            asks.append(ask)
            at = ask.at + timedelta(minutes=self.amount(6, 0.4))
        return asks

    def _holds(self, record: RegisterFacts) -> str:
        if record.application_pending:
            return "pending"
        if record.passport_valid_until is None:
            return "never"
        days = record.passport_days_left(self.timetable.opens.date())
        return "long" if days > _LONG_VALID_DAYS else "ending"
