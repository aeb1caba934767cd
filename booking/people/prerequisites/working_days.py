"""Days on which agencies work: how long processing takes, counted from either end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from booking.country.packs.fields import WEEKDAYS
from booking.country.packs.schema import Pack

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A country's weekend (0 is Monday) and holidays."""

    weekend: frozenset[int]
    holidays: Collection[date]

    @classmethod
    def of(cls, pack: Pack) -> Self:
        """Return those of a country pack; holidays of other countries do not count."""
        home = pack.country.code
        return cls(
            frozenset(WEEKDAYS.index(day) for day in pack.country.weekend),
            frozenset(
                start + timedelta(days=offset)
                for holiday in pack.holidays
                if not holiday.countries or home in holiday.countries
                for start in holiday.starts
                for offset in range(holiday.days)
            ),
        )

    def are(self, day: date) -> bool:
        """Return whether agencies work on ``day``."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def after(self, day: date, working: int) -> date:
        """Return the day on which the ``working``-th working day after ``day`` is reached; ``day`` itself for none."""
        while working:
            day += _DAY
            working -= self.are(day)
        return day

    def before(self, day: date, working: int) -> date:
        """Return the last day from which ``after`` still comes no later than ``day``."""
        asked = day
        while working:
            working -= self.are(asked)
            asked -= _DAY
        return asked
