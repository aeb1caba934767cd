"""The country that a season happens in: it hands out people, phones and networks, all numbered and none real."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from fraud.attackers.agents import DAY, HOUR, LONG_VALID_DAYS, Account, Person

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
