"""Who may ask for a service: what its file says, against what is known of the person."""

from datetime import date
from typing import Final

from booking.country.core.register import RegisterFacts
from booking.country.packs.fields import Residence
from booking.country.packs.service import ServiceSpec
from booking.platform.models.states import Door

NOT_FOR_RESIDENCE: Final = "not_for_residence"
TOO_YOUNG: Final = "too_young"
TOO_OLD: Final = "too_old"
OTHER_GENDER: Final = "other_gender"
HAS_PASSPORT: Final = "has_passport"
NEEDS_PASSPORT: Final = "needs_passport"


def residence_of(door: Door) -> Residence:
    """Return the people of a door as documents and fees name them."""
    return "resident" if door is Door.HOME else "expatriate"


def age_on(born: date, day: date) -> int:
    """Count whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def why_not(
    spec: ServiceSpec, *, residence: Residence, born: date, record: RegisterFacts | None, today: date
) -> tuple[str, ...]:
    """List why a person may not ask for the service; nothing where they may.

    What no register knows (``eligibility.conditions``, or a gender it does not know) is declared by the person and
    looked at by an officer.
    """
    rule, age = spec.eligibility, age_on(born, today)
    holds = record is not None and record.passport_valid_until is not None
    found = (
        (NOT_FOR_RESIDENCE, spec.audience not in {"both", residence}),
        (TOO_YOUNG, rule.min_age is not None and age < rule.min_age),
        (TOO_OLD, rule.max_age is not None and age > rule.max_age),
        (OTHER_GENDER, rule.gender is not None and record is not None and record.gender not in {None, rule.gender}),
        (HAS_PASSPORT, record is not None and rule.passport == "none" and holds),
        (NEEDS_PASSPORT, record is not None and rule.passport == "held" and not holds),
    )
    return tuple(reason for reason, true in found if true)
