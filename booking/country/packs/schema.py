"""The form of a country pack: what each file may say, as frozen and strict models.

A rule that one entry can break alone is here; what needs several entries or files is in `booking.country.packs.checks`.
"""

from datetime import timedelta
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator
from typing_extensions import override

from booking.country.packs.dialogue import DialogueSpec
from booking.country.packs.fields import (
    AgencySpec,
    ClockTime,
    Code,
    CountryCode,
    GroupSpec,
    HolidaySpec,
    OfficeKindCode,
    Sentence,
    Spec,
    Weekday,
    Words,
)
from booking.country.packs.quotas import QuotaSpec
from booking.country.packs.roster import RosterSpec
from booking.country.packs.service import AppointmentSpec, FeeSpec, ServiceSpec


class NationalNumberRule(Spec):
    """How a national number is written: so many decimal digits; ``separators`` may stand between them."""

    length: int = Field(ge=4, le=30)
    separators: str = " -"


class BandSpec(Spec):
    """A time of day that a person can ask for; local time, ``ends`` is excluded."""

    code: Code = Field(max_length=12)
    name: Words
    starts: ClockTime
    ends: ClockTime


class RegionSpec(Spec):
    """Where an office is: a governorate at home, or a country abroad. ``population`` weighs the demo's demand."""

    code: Code
    country: CountryCode
    name: Words
    population: int | None = Field(default=None, ge=0)
    source: Sentence | None = None


class OpeningRule(Spec):
    """Weekdays and local hours of service; ``closes`` is excluded."""

    weekdays: tuple[Weekday, ...] = Field(strict=False, min_length=1)
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"opens at {self.opens:%H:%M}, which is not before it closes at {self.closes:%H:%M}")
        return self


class OfficeSpec(Spec):
    """A branch at home or a consulate abroad.

    ``time_zone`` and ``weekend`` are the pack's where the file leaves them out; ``district`` are the countries
    whose residents a consulate serves. ``source`` says where the facts come from and which of them are assumed.
    """

    code: Code
    kind: OfficeKindCode
    region: Code
    name: Words
    city: Words
    address: Words
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    time_zone: str
    weekend: tuple[Weekday, ...] = Field(strict=False)
    counters: int = Field(ge=1, le=200)
    accessible: bool
    opening: tuple[OpeningRule, ...] = Field(strict=False, min_length=1)
    district: tuple[CountryCode, ...] = Field(strict=False, default=())
    source: Sentence

    @model_validator(mode="after")
    def _only_consulates_have_a_district(self) -> Self:
        if (self.kind == "consulate") != bool(self.district):
            raise ValueError("a consulate needs a district (a list of country codes), and a branch has none")
        return self


class ReasonSpec(Spec):
    """Why a passport is replaced before its time; ``evidence`` is what the counter will ask for."""

    code: Code
    name: Words
    evidence: Words


class UrgentReasonSpec(Spec):
    """Why someone cannot wait for the draw; ``evidence`` is what an officer must see, ``severity`` 1 (least) to 5."""

    code: Code
    name: Words
    evidence: Words
    severity: int = Field(ge=1, le=5)


class ServiceLevelSpec(Spec):
    """How fast an approved case is served, and what that costs on top: ``immediate`` is the same day."""

    code: Literal["urgent", "immediate"]
    name: Words
    fees: tuple[FeeSpec, ...] = Field(strict=False, default=())


class FirstSpec(Spec):
    """Whom the law puts first in the line of a hall."""

    code: Code
    name: Words


class CounterSpec(Spec):
    """Times at the counter: how long before its time a party may check in, and how late it still comes in time.

    ``first`` are those whom the law puts first in the line.
    """

    first: tuple[FirstSpec, ...] = Field(strict=False, default=())
    early_minutes: int = Field(default=60, ge=0, le=600)
    late_minutes: int = Field(default=15, ge=0, le=600)

    @property
    def early(self) -> timedelta:
        """How long before the time of the appointment people may check in."""
        return timedelta(minutes=self.early_minutes)

    @property
    def late(self) -> timedelta:
        """How long after it they are still in time; later the clerk decides."""
        return timedelta(minutes=self.late_minutes)


class ContactSpec(Spec):
    """How people reach a person: a phone with its hours, and an address for mail."""

    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ]{3,20}$")]
    hours: Words
    mail: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$", max_length=100)]


class StateSpec(Spec):
    """Whose service this is, as it stands on every page, pass, certificate and message.

    ``emblem`` is a file of the pack with a square SVG drawing; ``inside`` is what people call being in the country
    ("in Syria").
    """

    ministry: Words
    statement: Words
    inside: Words
    emblem: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.svg$")]
    contact: ContactSpec


class CountrySpec(Spec):
    """The head of a pack: what holds for all its offices and services."""

    code: CountryCode
    name: Words
    languages: tuple[str, ...] = Field(strict=False, min_length=1)
    time_zone: str
    weekend: tuple[Weekday, ...] = Field(strict=False)
    phone_region: CountryCode
    unit_minutes: int = Field(ge=5, le=60)
    slot_minutes: int = Field(ge=5, le=240)
    national_number: NationalNumberRule
    state: StateSpec
    counter: CounterSpec = CounterSpec()
    roster: RosterSpec = RosterSpec()
    bands: tuple[BandSpec, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _slots_hold_whole_units(self) -> Self:
        if self.slot_minutes % self.unit_minutes:
            raise ValueError(f"slot_minutes {self.slot_minutes} is not a multiple of unit_minutes {self.unit_minutes}")
        return self

    @property
    def units_per_slot(self) -> int:
        """Units that one counter has in one slot."""
        return self.slot_minutes // self.unit_minutes


class Pack(Spec):
    """A whole country, checked. ``emblem`` is the drawing that ``country.state.emblem`` names, as SVG."""

    country: CountrySpec
    emblem: str
    regions: tuple[RegionSpec, ...]
    offices: tuple[OfficeSpec, ...]
    reasons: tuple[ReasonSpec, ...]
    urgent_reasons: tuple[UrgentReasonSpec, ...]
    service_levels: tuple[ServiceLevelSpec, ...]
    groups: tuple[GroupSpec, ...]
    agencies: tuple[AgencySpec, ...]
    services: tuple[ServiceSpec, ...]
    left_out: tuple[str, ...] = ()
    """Codes of services whose files have mistakes; they stay as they were loaded before."""
    holidays: tuple[HolidaySpec, ...]
    holiday_years: tuple[int, ...]
    quotas: QuotaSpec
    dialogue: DialogueSpec | None = None
    """What a phone with keys says and asks; None where a country offers none."""

    @override
    def __repr__(self) -> str:
        """Return the country only: a whole pack would drown whatever is printed with it."""
        return f"Pack({self.country.code!r})"

    @property
    def appointments(self) -> dict[str, AppointmentSpec]:
        """What each service with appointments takes at an office, by the service's code, in the order of services."""
        return {service.code: service.appointment for service in self.services if service.appointment is not None}

    def region(self, code: str) -> RegionSpec:
        """Find a region by its code; KeyError when there is none."""
        return _by_code(self.regions, code)

    def office(self, code: str) -> OfficeSpec:
        """Find an office by its code; KeyError when there is none."""
        return _by_code(self.offices, code)

    def service(self, code: str) -> ServiceSpec:
        """Find a service by its code; KeyError when there is none."""
        return _by_code(self.services, code)

    def group(self, code: str) -> GroupSpec:
        """Find a group of services by its code; KeyError when there is none."""
        return _by_code(self.groups, code)

    def agency(self, code: str) -> AgencySpec:
        """Find an agency by its code; KeyError when there is none."""
        return _by_code(self.agencies, code)

    def reason(self, code: str) -> ReasonSpec:
        """Find a reason by its code; KeyError when there is none."""
        return _by_code(self.reasons, code)

    def service_level(self, code: str) -> ServiceLevelSpec:
        """Find a service level by its code; KeyError when there is none."""
        return _by_code(self.service_levels, code)


_Coded = TypeVar("_Coded", RegionSpec, OfficeSpec, GroupSpec, AgencySpec, ServiceSpec, ReasonSpec, ServiceLevelSpec)


def _by_code(specs: tuple[_Coded, ...], code: str) -> _Coded:
    for spec in specs:
        if spec.code == code:
            return spec
    raise KeyError(code)
