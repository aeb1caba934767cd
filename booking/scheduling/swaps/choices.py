"""What somebody would rather have: some offices, days and times of day, the best first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Self

from booking.platform.models.states import Pool

MOST_CHOICES: Final = 5
MOST_DAYS: Final = 31
"""Of one choice."""
NOTICE: Final = timedelta(hours=48)
"""No appointment that begins sooner than this after a night's closing is exchanged, and none is given."""
LATEST: Final = timedelta(hours=24)
"""However late a night is given out, nobody is moved from or to an appointment that begins sooner than this."""


class Kind(NamedTuple):
    """Places that are alike for whoever wishes for one: of an office, a day, a part of it, and a pool."""

    office: str
    day: date
    band: str
    pool: Pool


@dataclass(frozen=True, slots=True)
class Choice:
    """Any appointment at an office from one day to another; no ``bands`` are all of them. Earlier ones are better."""

    office: str
    first: date
    last: date
    bands: tuple[str, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `stored` wrote."""
        first, last = (date.fromisoformat(stored[name]) for name in ("first", "last"))
        return cls(stored["office"], first, last, tuple(stored["bands"]))

    def stored(self) -> dict[str, Any]:
        """Return it as the database keeps it."""
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return {"office": self.office, "bands": list(self.bands), **days}


def kinds(choices: Sequence[Choice], bands: Sequence[str], pools: Sequence[Pool]) -> Iterator[Kind]:
    """Yield the kinds that choices name, the best first: choice by choice, day by day, the bands in their order."""
    for one in choices:
        for step in range((one.last - one.first).days + 1):
            day = one.first + timedelta(days=step)
            for band in bands:
                if not one.bands or band in one.bands:
                    yield from (Kind(one.office, day, band, pool) for pool in pools)
