"""The chain behind a service: everything that it may need, no matter who asks, in an order that works."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

from booking.country.packs.fields import WEEKDAYS
from booking.country.packs.parsed import Parsed
from booking.country.packs.schema import Pack
from booking.country.packs.service import PrerequisiteSpec
from booking.platform.models import Service


@dataclass(frozen=True, slots=True)
class Part:
    """What a plan knows of a service.

    ``processing`` are working days from asking to the result, ``lasts`` the days after the day of issue on which a
    result is still valid, None without an end. ``rules`` are its prerequisites, those in words too.
    """

    code: str
    at_an_office: bool
    online: bool
    processing: int = 0
    lasts: int | None = None
    rules: tuple[PrerequisiteSpec, ...] = ()

    @classmethod
    def of(cls, service: Service) -> Self:
        """Read a service's file as it is stored."""
        spec: Mapping[str, Any] = service.spec
        valid_days = spec.get("result", {}).get("valid_days")
        return cls(
            code=service.code,
            at_an_office=service.at_an_office,
            online=service.online,
            processing=spec.get("processing_days") or 0,
            lasts=None if valid_days is None else valid_days - 1,
            rules=rules_of(service),
        )


def rules_of(service: Service) -> tuple[PrerequisiteSpec, ...]:
    """Return the prerequisites of a service's file as it is stored."""
    return _RULES(service.spec)


def _read_rules(spec: dict[str, Any]) -> tuple[PrerequisiteSpec, ...]:
    return tuple(PrerequisiteSpec.model_validate(rule) for rule in spec.get("prerequisites", ()))


_RULES: Final = Parsed(_read_rules)


def chain_of(goal: str, parts: Mapping[str, Part]) -> list[Part]:
    """Return the goal and all that it may need, directly or not: whatever is needed stands before what needs it.

    A service that is not offered is left out. Packs with a circle are not loaded
    (`booking.country.packs.service_checks`); one that stands in the database all the same is cut where it closes.
    """
    order: list[Part] = []
    seen: set[str] = set()

    def visit(code: str) -> None:
        if code in seen or code not in parts:
            return
        seen.add(code)
        for rule in parts[code].rules:
            if rule.service is not None:
                visit(rule.service)
        order.append(parts[code])

    visit(goal)
    return order


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
