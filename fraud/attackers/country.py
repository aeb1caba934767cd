"""The country that a season happens in: it hands out people, phones and networks, all numbered and none real."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.attackers.agents import DAY, HOUR, LONG_VALID_DAYS, Account, Ask, Person
from fraud.attackers.parameters import World

RELEASE_HOUR: Final = 8
"""When a day's places would open in a race; machines ask then, and some people too."""

_EPOCH: Final = date(1945, 1, 1)
_LIFETIMES: Final = 75 * 365
_OPERATOR_NETWORKS, _HOME_NETWORKS = 60, 900  # thousands of phones behind one address, and lines of homes
_OPERATORS_SHARE: Final = 0.6
_HOME_PREFIXES, _FOREIGN_PREFIXES, _COUNTRIES = 2_000, 200, 30
_FIRST_PASSPORT, _LONG_VALID = 0.25, 0.06
_NEW_ACCOUNT: Final = 0.35  # many register and ask in one sitting


class Country:
    """Everything that is handed out comes from one generator, so equal seeds give equal seasons."""

    def __init__(self, seed: int, days: int) -> None:
        self.chance = np.random.default_rng([seed, 1])
        self.days = days
        self._people = self._names = self._idle = 0
        self._idle_chance = np.random.default_rng([seed, 5])

    def person(self, *, known: bool = True) -> Person:
        """Return a person; one in four has no passport yet, a few have a long valid one and must give a reason."""
        self._people += 1
        draw = self.chance.random(3)
        if draw[0] < _FIRST_PASSPORT:
            left = -1
        elif draw[0] < _FIRST_PASSPORT + _LONG_VALID:
            left = int(LONG_VALID_DAYS + 1 + draw[1] * 2_000)
        else:
            left = int(draw[1] * LONG_VALID_DAYS)
        born = _EPOCH + timedelta(days=int(draw[2] * _LIFETIMES))
        return Person(self._people, born, known, left)

    def people(self, count: int) -> tuple[Person, ...]:
        """Return several people."""
        return tuple(self.person() for _ in range(count))

    def idle(self, mean: float, most: int) -> dict[int, Person]:
        """Return some people who are listed in a household and need nothing now, by number."""
        chance = self._idle_chance
        born = chance.integers(_LIFETIMES, size=min(most, int(chance.poisson(mean)))).tolist()
        self._idle += len(born)
        people = [
            Person(place - self._idle, _EPOCH + timedelta(days=day), known=True, passport_days_left=0)
            for place, day in enumerate(born)
        ]
        return {person.number: person for person in people}

    def name(self, what: str) -> str:
        """Return a new name: of a device, an account, a phone."""
        self._names += 1
        return f"{what} {self._names}"

    def network(self) -> str:
        """Return the network of somebody at home: an operator's, shared by many, or a home line's."""
        if self.chance.random() < _OPERATORS_SHARE:
            return f"operator {self.chance.integers(_OPERATOR_NETWORKS)}"
        return f"home {self.chance.integers(_HOME_NETWORKS)}"

    def account(self, at: float, *, helper: bool = False, foreign: bool = False, new: float = _NEW_ACCOUNT) -> Account:
        """Return an account that is going to ask ``at``: made in the same sitting (chance ``new``), or earlier."""
        ago = self.chance.uniform(120, 900) if self.chance.random() < new else self.chance.exponential(40 * DAY) + DAY
        country = f"country {self.chance.integers(_COUNTRIES)}" if foreign else ""
        number = self.chance.integers(_FOREIGN_PREFIXES if foreign else _HOME_PREFIXES)
        made_at = at - ago
        return Account(
            self.name("account"),
            self.name("phone"),
            f"{country or 'home'} prefix {number}",
            country,
            made_at,
            helper=helper,
            registered=made_at < 0,
        )

    def moment(self, *, rush: float = 0.15, night: float = 0.08) -> float:
        """Return when a person asks, in seconds: some just after the hour when a race would open, most by day."""
        day = int(self.chance.integers(self.days)) * DAY
        how = self.chance.random()
        if how < rush:
            return float(day + RELEASE_HOUR * HOUR + self.chance.exponential(15 * 60))
        if how < rush + night:
            return float(day + self.chance.uniform(0, DAY))
        return day + min(max(float(self.chance.normal(14.5, 4)), 7.0), 23.9) * HOUR

    def amount(self, median: float, spread: float, low: float = 0.0, high: float = 1e9) -> float:
        """Return a log-normal amount: its median, the sigma of its logarithm, its bounds."""
        return min(max(float(median * np.exp(spread * self.chance.standard_normal())), low), high)

    def distance(self) -> float:
        """Return kilometres from home to the nearest office: where people live says nothing about them."""
        return self.amount(14, 1.1, high=900)


_OWN_CHANCE: Final = 4


class Claims:
    """What the site knows of numbers: which account has proven which, and which ask holds each."""

    def __init__(self, seed: int, world: World) -> None:
        self._needed = world.proofs
        self._chance = np.random.default_rng([seed, _OWN_CHANCE])
        self.live: dict[int, Ask] = {}
        self._acting: dict[int, set[Account]] = {}

    def claim(self, account: Account) -> None:
        """Keep that an account acts for the people whom it lists."""
        for number in account.household:
            self._acting.setdefault(number, set()).add(account)

    def prove(self, ask: Ask) -> bool:
        """Show what only these people have, for those whom the account has not proven yet; whether all are proven."""
        self.claim(ask.account)
        if not self._needed:
            return True
        missing = [person for person in ask.people if person.number not in ask.account.proven]
        shown = {person.number for person in missing if person.known and self._chance.random() < ask.kind.habits.proves}
        ask.account.proven |= shown
        self._end_weaker(ask.account, shown)
        return all(person.number in ask.account.proven for person in missing)

    def see(self, ask: Ask) -> None:
        """Let an officer see the people of an ask: all of them are proven."""
        numbers = {person.number for person in ask.people}
        ask.account.proven |= numbers
        ask.account.seen |= numbers
        self._end_weaker(ask.account, numbers)

    def _end_weaker(self, owner: Account, numbers: Iterable[int]) -> None:
        """End what other accounts claim of numbers that one has proven; those that others have proven too stay."""
        for number in numbers:
            others = {one for one in self._acting.get(number, ()) if one is not owner and number not in one.proven}
            for other in others:
                other.claims_ended += number in other.household
                other.household.pop(number, None)
                self._acting[number].discard(other)

    def in_the_way(self, ask: Ask) -> list[Ask]:
        """Return the live asks, each once, that people of this one are in."""
        return list(dict.fromkeys(self.live[person.number] for person in ask.people if person.number in self.live))

    def hold(self, ask: Ask) -> None:
        """Let its people be in this ask alone."""
        self.live |= dict.fromkeys((person.number for person in ask.people), ask)

    def free(self, ask: Ask) -> None:
        """Let its people ask again."""
        for person in ask.people:
            if self.live.get(person.number) is ask:
                del self.live[person.number]


Flags = npt.NDArray[np.bool_]


def drawn(waiting: Sequence[Ask], *, places: int, seed: int, day: int) -> list[Ask]:
    """Return the requests that one draw serves: more draws lost first, then the lower number of the first person.

    Everyone in turn is served who fits into what is left; parties whole or not at all.
    """
    served = []
    for ask in sorted(waiting, key=lambda ask: (-ask.draws, _number(seed, day, ask.people[0].number))):
        if len(ask.people) <= places:
            places -= len(ask.people)
            served.append(ask)
    return served


def raced(asks: pd.DataFrame, *, places: int, may: Flags) -> Flags:
    """Return who would have got a place, had each day's places gone to the first who came after the release.

    Parameters
    ----------
    asks
        The log of a season: ``at``, ``party``, ``person``. A person takes one place, however often they ask.
    may
        Which of the asks may take part, bool (n,).
    """
    day = ((asks["at"] - RELEASE_HOUR * HOUR) // DAY).to_numpy()
    left: dict[float, int] = {}
    seen: set[int] = set()
    got = np.zeros(len(asks), dtype=bool)
    parties, persons = asks["party"].to_numpy(), asks["person"].to_numpy()
    for row in np.argsort(asks["at"].to_numpy(), kind="stable"):
        party, person = int(parties[row]), int(persons[row])
        if may[row] and person not in seen and left.setdefault(day[row], places) >= party:
            left[day[row]] -= party
            seen.add(person)
            got[row] = True
    return got


def people_of(asks: Iterable[Ask]) -> int:
    """Count the people of some requests."""
    return sum(len(ask.people) for ask in asks)


def _number(seed: int, day: int, person: int) -> bytes:
    return hashlib.blake2b(f"{seed}/{day}/{person}".encode(), digest_size=8).digest()
