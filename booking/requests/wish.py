"""What a citizen asks for, and the checks that need nothing but the catalogue."""

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any, Final

from booking.base.errors import FieldError
from booking.models import Account, HouseholdMember, Office, Service
from booking.models.states import Door
from booking.packs.quotas import LimitSpec

ALL_WEEKDAYS: Final = frozenset(range(7))
LONGEST_AHEAD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish as typed: ``people`` are household member ids, ``offices`` codes, first choice first.

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

    @property
    def weekday_mask(self) -> int:
        """The weekdays as bits; bit 0 is Monday."""
        return sum(1 << weekday for weekday in self.weekdays)

    def as_dict(self) -> dict[str, Any]:
        """Return the wish as it was typed, by the names of its parts."""
        return {name: getattr(self, name) for name in _PARTS}


_PARTS: Final = tuple(part.name for part in fields(Wish))


@dataclass(frozen=True, slots=True)
class Checked:
    """A wish whose form is right, with the rows that it names; ``must_hold`` as in the request that it becomes.

    ``helpers_device``: a registered helper works at the device, so it says nothing about who asks.
    """

    account: Account
    members: list[HouseholdMember]
    service: Service
    offices: list[Office]
    must_hold: bool = False
    helpers_device: bool = False


def wish_errors(
    wish: Wish,
    *,
    service: Service | None,
    offices: dict[str, Office],
    bands: frozenset[str],
    limits: LimitSpec,
    today: date,
) -> list[FieldError]:
    """List all that is wrong with a wish, as far as it can be seen without looking at people.

    Parameters
    ----------
    service
        The active service of that code, or None.
    offices
        The active offices among the wish's, by code.
    bands
        The country's bands.
    limits
        What the active quota policy says of wishes.
    today
        In the country's time zone.
    """
    errors: list[FieldError] = []
    if service is None or not _serves(service, wish.door):
        errors.append(FieldError("service", "unknown_service"))
    if not wish.people:
        errors.append(FieldError("people", "nobody"))
    largest = min(limits.party, int(service.spec["max_party"]) if service else limits.party)
    if len(wish.people) > largest:
        errors.append(FieldError("people", "too_many_people", most=largest))
    if len(set(wish.people)) != len(wish.people):
        errors.append(FieldError("people", "same_person_twice"))
    errors += _office_errors(wish, offices, limits.ranked_offices, service)
    errors += _day_errors(wish, today) + _home_errors(wish, offices, today)
    if not wish.bands or not wish.bands <= bands:
        errors.append(FieldError("bands", "no_band" if not wish.bands else "unknown_band"))
    if wish.reason is not None and service and wish.reason not in {r["code"] for r in service.spec["reasons"]}:
        errors.append(FieldError("reason", "unknown_reason"))
    return errors


def _serves(service: Service, door: Door) -> bool:
    return service.at_an_office and service.audience in ("both", "resident" if door is Door.HOME else "expatriate")


def is_visit_home(office: Office, door: Door) -> bool:
    """Return whether coming to an office takes a visit home."""
    return door is Door.ABROAD and office.door is Door.HOME


def _office_errors(wish: Wish, offices: dict[str, Office], most: int, service: Service | None) -> list[FieldError]:
    if not wish.offices:
        return [FieldError("offices", "no_office")]
    if len(wish.offices) > most:
        return [FieldError("offices", "too_many_offices", most=most)]
    if len(set(wish.offices)) != len(wish.offices):
        return [FieldError("offices", "same_office_twice")]
    homeward = {code for code in wish.offices if code in offices and is_visit_home(offices[code], wish.door)}
    beside = [code for code in wish.offices if code not in homeward]
    closed_at_home = homeward and service is not None and service.audience != "both"
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
