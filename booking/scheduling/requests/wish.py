"""What a citizen asks for, and the checks that need nothing but the catalogue."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any, Final

from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.country.packs.schema import CountrySpec
from booking.country.policy import limits as policy_limits
from booking.platform.base.errors import FieldError
from booking.platform.models import Account, HouseholdMember, Office, Service
from booking.platform.models.states import Door

ALL_WEEKDAYS: Final = frozenset(range(7))
LONGEST_AHEAD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Also:
    """One more service of the same visit: for whom of the household, and why, where it asks for a reason."""

    service: str
    people: tuple[int, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish as typed: ``people`` are household member ids, ``offices`` codes, first choice first.

    ``people`` come for ``service``; ``also`` are more services of the same visit, for these people or for others.
    ``weekdays`` count from Monday, 0; ``first_day`` None means as soon as possible, ``last_day`` None no end.
    ``home_first`` to ``home_last``: the visit home on which somebody abroad can come to the branches that they rank.
    ``together``: this and the account's other waiting requests would like one office on one day.
    """

    service: str
    people: tuple[int, ...]
    offices: tuple[str, ...]
    bands: frozenset[str]
    door: Door
    first_day: date | None = None
    last_day: date | None = None
    weekdays: frozenset[int] = field(default=ALL_WEEKDAYS)
    needed_by: date | None = None
    accessible: bool = False
    reason: str | None = None
    together: bool = False
    home_first: date | None = None
    home_last: date | None = None
    also: tuple[Also, ...] = ()

    @property
    def everyone(self) -> tuple[int, ...]:
        """All who come, for whichever service."""
        return tuple(dict.fromkeys((*self.people, *(one for more in self.also for one in more.people))))

    @property
    def services(self) -> tuple[Also, ...]:
        """Every service of the visit, in its order; the first is that of the wish."""
        return (Also(self.service, self.people, self.reason), *self.also)

    def for_one(self, person: int) -> "Wish":
        """Return the same wish with one person who comes for all of it, whoever came before."""
        return replace(self, people=(person,), also=tuple(replace(one, people=(person,)) for one in self.also))

    @property
    def weekday_mask(self) -> int:
        """The weekdays as bits; bit 0 is Monday."""
        return sum(1 << weekday for weekday in self.weekdays)

    def as_dict(self) -> dict[str, Any]:
        """Return the wish as it was typed, by the names of its parts; ``also`` only where there is more."""
        also = {"also": [asdict(one) for one in self.also]} if self.also else {}
        return {name: getattr(self, name) for name in _PARTS} | also


_PARTS: Final = tuple(part.name for part in fields(Wish) if part.name != "also")


@dataclass(frozen=True, slots=True)
class Errand:
    """A service that some of a party come for, as the rows that it names; why, where it asks for a reason."""

    service: Service
    members: list[HouseholdMember]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish whose form is right, with the rows that it names; ``must_hold`` as in the request that it becomes.

    ``errands`` are what its people come for, at least one service. ``helpers_device``: a registered helper works at the
    device, so it says nothing about who asks.
    """

    account: Account
    members: list[HouseholdMember]
    errands: tuple[Errand, ...]
    offices: list[Office]
    must_hold: bool = False
    helpers_device: bool = False

    @property
    def service(self) -> Service:
        """The service that is asked for first, or alone."""
        return self.errands[0].service

    def errands_of(self, member: HouseholdMember) -> list[Errand]:
        """Return what one of the people comes for."""
        return [errand for errand in self.errands if any(one.id == member.id for one in errand.members)]

    @property
    def units(self) -> int:
        """How many units of a counter all of it takes."""
        return sum(errand.service.units * len(errand.members) for errand in self.errands)


def wish_errors(
    wish: Wish,
    *,
    services: Mapping[str, Service],
    offices: dict[str, Office],
    country: CountrySpec,
    limits: LimitSpec,
    today: date,
) -> list[FieldError]:
    """List all that is wrong with a wish, as far as it can be seen without looking at people.

    Parameters
    ----------
    services
        The active services among the wish's, by code.
    offices
        The active offices among the wish's, by code.
    country
        What the pack says of the country: its bands, and how long a slot lasts.
    limits
        What the active quota policy says of wishes.
    today
        In the country's time zone.
    """
    errors: list[FieldError] = []
    service = services.get(wish.service)
    if service is None or not _serves(service, wish.door):
        errors.append(FieldError("service", "unknown_service"))
    if not wish.people:
        errors.append(FieldError("people", "nobody"))
    largest = _largest(service, limits)
    if len(wish.people) > largest:
        errors.append(FieldError("people", "too_many_people", most=largest))
    if len(set(wish.people)) != len(wish.people):
        errors.append(FieldError("people", "same_person_twice"))
    errors += _also_errors(wish, services, limits, country)
    errors += _office_errors(wish, offices, limits.ranked_offices, services)
    errors += _day_errors(wish, today) + _home_errors(wish, offices, today)
    if not wish.bands or not wish.bands <= {band.code for band in country.bands}:
        errors.append(FieldError("bands", "no_band" if not wish.bands else "unknown_band"))
    if wish.reason is not None and service and wish.reason not in _reasons(service):
        errors.append(FieldError("reason", "unknown_reason"))
    return errors


def _largest(service: Service | None, limits: LimitSpec) -> int:
    return min(limits.party, int(service.spec["max_party"])) if service else limits.party


def _reasons(service: Service) -> set[str]:
    return {reason["code"] for reason in service.spec["reasons"]}


def _also_errors(
    wish: Wish, services: Mapping[str, Service], limits: LimitSpec, country: CountrySpec
) -> list[FieldError]:
    """Check the further services of a visit: each by itself, and that all together can be one visit.

    Nobody is at the counter for longer than a slot lasts: a draw puts no more than that between two beginnings.
    """
    if not wish.also:
        return []
    if len(wish.services) > limits.services:
        return [FieldError("also", "too_many_services", most=limits.services)]
    if len({one.service for one in wish.services}) < len(wish.services):
        return [FieldError("also", "same_service_twice")]
    known = [services.get(one.service) for one in wish.services]
    if any(service is None or not _serves(service, wish.door) for service in known[1:]):
        return [FieldError("also", "unknown_service")]
    errors = [error for more in wish.also for error in _errors_of(more, services[more.service], limits)]
    if len(wish.everyone) > limits.party:
        errors.append(FieldError("also", "too_many_people", most=limits.party))
    asked = [(service, one.people) for service, one in zip(known, wish.services, strict=True) if service is not None]
    groups = [(service.exclusive_group, person) for service, people in asked for person in set(people)]
    if len(set(groups)) < len(groups):
        errors.append(FieldError("also", "services_exclude_each_other"))
    times = Counter[int]()
    for service, people in asked:
        times.update(dict.fromkeys(people, service.units))
    if times and max(times.values()) > country.units_per_slot:
        errors.append(FieldError("also", "visit_too_long", most=country.slot_minutes))
    return errors


def _errors_of(more: Also, service: Service, limits: LimitSpec) -> list[FieldError]:
    if not more.people:
        return [FieldError("also", "nobody")]
    if len(set(more.people)) != len(more.people):
        return [FieldError("also", "same_person_twice")]
    if len(more.people) > _largest(service, limits):
        return [FieldError("also", "too_many_people", most=_largest(service, limits))]
    if more.reason is not None and more.reason not in _reasons(service):
        return [FieldError("also", "unknown_reason")]
    return []


def _serves(service: Service, door: Door) -> bool:
    return service.at_an_office and service.audience in ("both", "resident" if door is Door.HOME else "expatriate")


def is_visit_home(office: Office, door: Door) -> bool:
    """Return whether coming to an office takes a visit home."""
    return door is Door.ABROAD and office.door is Door.HOME


def _office_errors(
    wish: Wish, offices: dict[str, Office], most: int, services: Mapping[str, Service]
) -> list[FieldError]:
    if not wish.offices:
        return [FieldError("offices", "no_office")]
    if len(wish.offices) > most:
        return [FieldError("offices", "too_many_offices", most=most)]
    if len(set(wish.offices)) != len(wish.offices):
        return [FieldError("offices", "same_office_twice")]
    homeward = {code for code in wish.offices if code in offices and is_visit_home(offices[code], wish.door)}
    beside = [code for code in wish.offices if code not in homeward]
    named = [services[one.service] for one in wish.services if one.service in services]
    closed_at_home = homeward and any(service.audience != "both" for service in named)
    if closed_at_home or any(code not in offices or offices[code].door is not wish.door for code in beside):
        return [FieldError("offices", "unknown_office")]
    if wish.accessible and not any(offices[code].accessible for code in wish.offices):
        return [FieldError("accessible", "no_accessible_office")]
    return []


def _home_errors(wish: Wish, offices: dict[str, Office], today: date) -> list[FieldError]:
    """Check the days of a visit home; they are needed where a branch is ranked from abroad."""
    first, last = wish.home_first, wish.home_last
    if first is None or last is None:
        if any(is_visit_home(office, wish.door) for office in offices.values()):
            return [FieldError("home_first", "missing_home_days")]
    elif not today <= first <= last <= today + LONGEST_AHEAD:
        return [FieldError("home_first", "home_days_in_wrong_order")]
    return []


def _day_errors(wish: Wish, today: date) -> list[FieldError]:
    errors = []
    for name, day in (("first_day", wish.first_day), ("last_day", wish.last_day), ("needed_by", wish.needed_by)):
        if day is None:
            continue
        if day < today:
            errors.append(FieldError(name, "past_day"))
        elif day > today + LONGEST_AHEAD:
            errors.append(FieldError(name, "too_far"))
        elif wish.first_day is not None and day < wish.first_day:
            errors.append(FieldError(name, "before_first_day"))
    if not wish.weekdays or not wish.weekdays <= ALL_WEEKDAYS:
        errors.append(FieldError("weekdays", "no_weekday"))
    return errors or _between(wish, today)


def _between(wish: Wish, today: date) -> list[FieldError]:
    """Check that a weekday on which the people can come falls between the first and the last possible day."""
    ends = [
        (day, name) for name, day in (("last_day", wish.last_day), ("needed_by", wish.needed_by)) if day is not None
    ]
    if not ends:
        return []
    last, name = min(ends)
    first = wish.first_day or today
    days = min((last - first).days + 1, len(ALL_WEEKDAYS))
    if any((first + timedelta(days=n)).weekday() in wish.weekdays for n in range(days)):
        return []
    return [FieldError(name, "no_chosen_weekday")]


def wish_limits(core: Core) -> LimitSpec:
    """Return what the active quota policy says of wishes; raises PolicyMissingError where none is active."""
    with core.sessions.reading() as session:
        return policy_limits.read(session, LimitSpec)
