"""On which days something that a person holds fulfils a prerequisite."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from booking.country.core.register import Holding
from booking.country.packs.service import PrerequisiteSpec

FOREVER = date.max


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A stretch of days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def within(self, other: "Days") -> "Days | None":
        """Return what is in both; None where that is nothing."""
        both = Days(max(self.first, other.first), min(self.last, other.last))
        return both if both.first <= both.last else None


def days_of(rule: PrerequisiteSpec, held: Holding) -> Days | None:
    """Return the days on which a holding fulfils a prerequisite; None for another service's."""
    if held.service != rule.service:
        return None
    last = held.valid_until or FOREVER
    if rule.not_older_than_days is not None:
        last = min(last, held.issued + timedelta(days=rule.not_older_than_days))
    return Days(held.issued, last) if held.issued <= last else None


def fulfilling(rule: PrerequisiteSpec, held: Iterable[Holding], day: date) -> Holding | None:
    """Return what fulfils a prerequisite on ``day``, of several that which does so longest."""
    found = [(days.last, one) for one in held if (days := days_of(rule, one)) is not None and day in days]
    return max(found, key=lambda pair: pair[0])[1] if found else None
