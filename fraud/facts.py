"""The facts about one request, under one name each, for rules, features and the live gate alike."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, Self

import numpy as np

from fraud.reasons import REASONS, Reason

Kind = Literal["count", "number", "flag"]


class FactError(Exception):
    """A fact is unknown, missing, of the wrong type or out of its range; the message names it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The meaning of one fact.

    ``kind`` is *count* (a whole number), *number* (any finite number) or *flag* (true or false);
    ``low`` and ``high`` are the smallest and largest values that make sense.
    """

    name: str
    kind: Kind
    low: float
    high: float
    en: str
    ar: str


_MANY: Final = 1e9

SCHEMA: Final[tuple[Fact, ...]] = (
    Fact(
        "requests_from_device_1h",
        "count",
        0,
        _MANY,
        "Requests from this device in the hour before",
        "الطلبات من هذا الجهاز في الساعة السابقة",
    ),
    Fact(
        "requests_from_device_24h",
        "count",
        0,
        _MANY,
        "Requests from this device in the 24 hours before",
        "الطلبات من هذا الجهاز في الأربع والعشرين ساعة السابقة",
    ),
    Fact(
        "requests_from_network_1h",
        "count",
        0,
        _MANY,
        "Requests from this network in the hour before",
        "الطلبات من هذه الشبكة في الساعة السابقة",
    ),
    Fact(
        "requests_from_network_24h",
        "count",
        0,
        _MANY,
        "Requests from this network in the 24 hours before",
        "الطلبات من هذه الشبكة في الأربع والعشرين ساعة السابقة",
    ),
    Fact(
        "requests_by_account_24h",
        "count",
        0,
        _MANY,
        "Requests by this account in the 24 hours before",
        "طلبات هذا الحساب في الأربع والعشرين ساعة السابقة",
    ),
    Fact(
        "people_on_device_30d",
        "count",
        0,
        _MANY,
        "Different people for whom this device asked in 30 days",
        "عدد الأشخاص الذين طُلب لهم من هذا الجهاز خلال ثلاثين يوماً",
    ),
    Fact(
        "people_on_phone_30d",
        "count",
        0,
        _MANY,
        "Different people for whom this phone number was given in 30 days",
        "عدد الأشخاص الذين استُخدم لهم رقم الهاتف هذا خلال ثلاثين يوماً",
    ),
    Fact(
        "people_by_account",
        "count",
        0,
        _MANY,
        "Different people for whom this account acts",
        "عدد الأشخاص الذين يمثلهم هذا الحساب",
    ),
    Fact(
        "account_age_hours",
        "number",
        0,
        _MANY,
        "Hours since the account was made",
        "عمر الحساب بالساعات",
    ),
    Fact(
        "form_seconds",
        "number",
        0,
        _MANY,
        "Seconds from the first page of the form to sending it",
        "الثواني من أول صفحة في الاستمارة حتى إرسالها",
    ),
    Fact("hour_of_day", "count", 0, 23, "Local hour of the request, 0 to 23", "ساعة الطلب بالتوقيت المحلي"),
    Fact(
        "cancellations_90d",
        "count",
        0,
        _MANY,
        "Appointments that this account cancelled in 90 days",
        "المواعيد التي ألغاها هذا الحساب خلال تسعين يوماً",
    ),
    Fact(
        "no_shows_365d",
        "count",
        0,
        _MANY,
        "Appointments of this account in a year to which nobody came",
        "مواعيد هذا الحساب خلال سنة التي لم يحضر إليها أحد",
    ),
    Fact(
        "lapsed_offers_365d",
        "count",
        0,
        _MANY,
        "Offers to this account in a year that nobody confirmed",
        "العروض على هذا الحساب خلال سنة التي لم يؤكدها أحد",
    ),
    Fact("party_size", "count", 1, 100, "People in the request", "عدد الأشخاص في الطلب"),
    Fact("offices_ranked", "count", 0, 100, "Offices that the request accepts", "عدد الفروع المقبولة في الطلب"),
    Fact(
        "km_to_nearest_office",
        "number",
        0,
        25_000,
        "Kilometres from home to the nearest office chosen",
        "المسافة بالكيلومتر من السكن إلى أقرب فرع مختار",
    ),
    Fact(
        "asks_from_abroad", "flag", 0, 1, "The request came through the expatriates' door", "الطلب من بوابة المغتربين"
    ),
    Fact(
        "phone_is_registered_helper",
        "flag",
        0,
        1,
        "The phone belongs to a registered helper",
        "الهاتف لوكيل مسجّل",
    ),
    Fact("reason_given", "flag", 0, 1, "A reason was given for an early renewal", "ذُكر سبب للتجديد المبكر"),
    Fact(
        "passport_days_left",
        "count",
        -1,
        36_500,
        "Days until the passport ends; -1 without a passport",
        "الأيام المتبقية لصلاحية الجواز، وسالب واحد إن لم يوجد جواز",
    ),
)
BY_NAME: Final[Mapping[str, Fact]] = {fact.name: fact for fact in SCHEMA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts about one request, as known strictly before it; see ``SCHEMA`` for their meaning."""

    requests_from_device_1h: int
    requests_from_device_24h: int
    requests_from_network_1h: int
    requests_from_network_24h: int
    requests_by_account_24h: int
    people_on_device_30d: int
    people_on_phone_30d: int
    people_by_account: int
    account_age_hours: float
    form_seconds: float
    hour_of_day: int
    cancellations_90d: int
    no_shows_365d: int
    lapsed_offers_365d: int
    party_size: int
    offices_ranked: int
    km_to_nearest_office: float
    asks_from_abroad: bool
    phone_is_registered_helper: bool
    reason_given: bool
    passport_days_left: int

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build facts from untrusted data: a stored verdict, a row of a table.

        Raises
        ------
        FactError
            A name is unknown or missing, or a value does not fit its fact.
        """
        unknown = sorted(set(values) - set(BY_NAME))
        if unknown:
            raise FactError(f"unknown fact: {', '.join(unknown)}")
        missing = [fact.name for fact in SCHEMA if fact.name not in values]
        if missing:
            raise FactError(f"missing fact: {', '.join(missing)}")
        fitting: dict[str, Any] = {fact.name: _fitting(fact, values[fact.name]) for fact in SCHEMA}
        return cls(**fitting)

    def as_dict(self) -> dict[str, int | float | bool]:
        """Return the facts as plain data, in schema order, to be stored with the verdict."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _fitting(fact: Fact, value: object) -> bool | int | float:
    """Return the value as its fact's type; numpy scalars become plain numbers."""
    if isinstance(value, np.generic):
        value = value.item()
    if fact.kind == "flag":
        if isinstance(value, bool):
            return value
        raise FactError(f"{fact.name} must be true or false, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FactError(f"{fact.name} must be a number, not {value!r}")
    if not fact.low <= value <= fact.high:  # also where it is not a number (nan)
        raise FactError(f"{fact.name} must be between {fact.low:g} and {fact.high:g}")
    if fact.kind == "number":
        return float(value)
    if value != int(value):
        raise FactError(f"{fact.name} must be a whole number, not {value!r}")
    return int(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardFacts:
    """What registers and the database know for certain; only these can refuse a request."""

    has_live_request: bool
    registry_knows_person: bool
    passport_valid_long: bool
    reason_given: bool
    application_pending: bool
    age_eligible: bool


def hard_refusals(hard: HardFacts) -> list[Reason]:
    """Return every reason for which this request must be refused; none means it may go on."""
    broken = (
        (hard.has_live_request, "hard.live_request"),
        (not hard.registry_knows_person, "hard.unknown_person"),
        (hard.passport_valid_long and not hard.reason_given, "hard.passport_still_valid"),
        (hard.application_pending, "hard.application_pending"),
        (not hard.age_eligible, "hard.age_not_eligible"),
    )
    return [REASONS[code] for is_broken, code in broken if is_broken]
