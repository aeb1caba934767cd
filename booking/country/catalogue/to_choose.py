"""What a service and its offices leave to choose when somebody asks: a reason, and weekdays."""

from collections.abc import Collection, Iterable
from typing import Final

from booking.country.packs.fields import WEEKDAYS
from booking.platform.models import Office, Service

_SUNDAY_FIRST: Final = (6, 0, 1, 2, 3, 4, 5)


def reason_rule(service: Service) -> str:
    """Return when a service needs a reason: "never", "long-valid" or "always"."""
    return str(service.spec["eligibility"]["reason"])


def closed_days_of(office: Office) -> list[int]:
    """List the weekdays on which an office never opens, from Sunday on."""
    return [day for day in _SUNDAY_FIRST if day not in week_of([office])]


def week_of(offices: Iterable[Office], chosen: Collection[int] = range(7)) -> list[int]:
    """List the ``chosen`` weekdays on which any of the offices is open, from Sunday on."""
    days = {WEEKDAYS.index(day) for office in offices for rule in office.opening for day in rule["weekdays"]}
    return [day for day in _SUNDAY_FIRST if day in chosen and (day in days or not days)]
