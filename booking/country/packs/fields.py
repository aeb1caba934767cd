"""The kinds of values that a country pack is written in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, Self, TypeAlias
from xml.etree import ElementTree as ET

from hijridate import Gregorian, Hijri
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints, model_validator

from booking.platform.models.identity import IdentityLevel

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.date.weekday`."""

OfficeKindCode: TypeAlias = Literal["branch", "consulate"]
OFFICE_KINDS: Final[tuple[OfficeKindCode, ...]] = ("branch", "consulate")
Residence: TypeAlias = Literal["resident", "expatriate"]
Audience: TypeAlias = Literal["resident", "expatriate", "both"]


def _clock_time(value: object) -> object:
    """Read "08:30" as a time; leave anything else to the type check."""
    if isinstance(value, str) and len(value) == len("08:30"):
        return time.fromisoformat(value)
    return value


def minute_of(at: time) -> int:
    """Return the minute of the day at a time of the clock."""
    return at.hour * 60 + at.minute


def _exact(value: object) -> object:
    """Take 0.7 as it is written, not as the nearest binary fraction."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Decimal(str(value))
    return value


Sentence: TypeAlias = Annotated[str, StringConstraints(pattern=r"\S", max_length=2000)]
Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
CountryCode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
MonthDay: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
ClockTime: TypeAlias = Annotated[time, BeforeValidator(_clock_time)]
ClockTimeText: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Exact: TypeAlias = Annotated[Decimal, BeforeValidator(_exact)]


class Spec(BaseModel):
    """Part of a pack: unknown keys and wrong types are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Words(RootModel[Mapping[str, Sentence]]):
    """The same words in each of the pack's languages: ``words["ar"]``."""

    model_config = ConfigDict(frozen=True, strict=True)

    def __getitem__(self, language: str) -> str:
        return self.root[language]


class HolidaySpec(Spec):
    """Days on which offices are closed; ``starts`` has the first day of each occurrence, ``days`` its length.

    ``fixed`` (month-day), ``hijri`` (month-day of the Hijri year) or ``easter`` say what the dates follow, so that
    they can be checked; a holiday with none of them is taken as written. ``countries`` is empty for everywhere.
    """

    code: Code
    name: Words
    starts: tuple[date, ...] = Field(strict=False, min_length=1)
    days: int = Field(default=1, ge=1, le=14)
    fixed: MonthDay | None = None
    hijri: MonthDay | None = None
    easter: Literal["western", "eastern"] | None = None
    countries: tuple[CountryCode, ...] = Field(strict=False, default=())
    source: Sentence

    @model_validator(mode="after")
    def _follows_one_calendar(self) -> Self:
        if sum(basis is not None for basis in (self.fixed, self.hijri, self.easter)) > 1:
            raise ValueError("only one of fixed, hijri and easter")
        return self


class IdentitySpec(Spec):
    """How sure it must be that an account may act for a person: see `booking.platform.models.identity.IdentityLevel`.

    ``ask``: to ask for the service; left out: proven for one at an office, whose places are scarce, else claimed.
    ``issue``: to be given a result that is issued here. ``facts``: to have registers asked about the person; without a
    proof no register answers.
    """

    ask: IdentityLevel | None = Field(default=None, strict=False)
    issue: IdentityLevel = Field(default=IdentityLevel.PROVEN, strict=False)
    facts: IdentityLevel = Field(default=IdentityLevel.PROVEN, strict=False)

    @model_validator(mode="after")
    def _has_a_grant(self) -> Self:
        if not self.facts.reaches(IdentityLevel.PROVEN):
            raise ValueError(f'facts = "{self.facts}" would need registers to answer without a proof: none does')
        return self

    def to_ask(self, *, at_an_office: bool) -> IdentityLevel:
        """Return the level that asking needs."""
        if self.ask is not None:
            return self.ask
        return IdentityLevel.PROVEN if at_an_office else IdentityLevel.CLAIMED


Originals: TypeAlias = Literal["visit", "post", "either"]


class OriginalsAtSpec(Spec):
    """A consulate with a rule of its own about original papers."""

    consulate: Code
    by: Originals


class OriginalSpec(Spec):
    """A paper that must be seen itself, not only its picture."""

    code: Code
    name: Words


class OriginalsSpec(Spec):
    """How original papers of somebody abroad reach a consulate, for a service that is asked for online.

    ``by``: brought to a "visit", sent by "post", or "either" as the person likes; ``except_at`` lists consulates that
    differ. Posted ``papers`` must arrive within ``days``. ``sent_back``: they come back by
    post, with the result where it is on paper; otherwise they are collected.
    """

    by: Originals
    papers: tuple[OriginalSpec, ...] = Field(strict=False, min_length=1)
    days: int = Field(default=42, ge=7, le=180)
    sent_back: bool = True
    except_at: tuple[OriginalsAtSpec, ...] = Field(strict=False, default=())
    source: Sentence

    def ways_at(self, consulate: str) -> tuple[Literal["visit", "post"], ...]:
        """Return the ways that a consulate allows."""
        by = next((one.by for one in self.except_at if one.consulate == consulate), self.by)
        return ("visit", "post") if by == "either" else (by,)


LONGEST_EMBLEM: Final = 8 * 1024
"""Characters: every page asks for it once."""
_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELSE: Final = ("<!", "<?", "&")
"""Comments, declarations and references: what is written is what is there, and nothing grows when it is read."""
_SHAPES: Final = frozenset(
    ("svg", "g", "path", "circle", "ellipse", "rect", "line", "polygon", "polyline", "title", "defs")
)
_LOADS: Final = re.compile(r"(on\w+|.*href|style|src)", re.IGNORECASE)


def emblem_problems(drawing: str) -> Iterator[str]:
    """Say what is wrong with a drawing, in words for whoever writes packs; nothing where it may be shown."""
    if len(drawing) > LONGEST_EMBLEM:
        yield f"the drawing is longer than {LONGEST_EMBLEM} characters"
        return
    if not drawing.lstrip().startswith("<svg ") or 'xmlns="http://www.w3.org/2000/svg"' not in drawing:
        yield 'the drawing must begin with <svg xmlns="http://www.w3.org/2000/svg"'
    if any(one in drawing for one in _ELSE):
        yield "the drawing has a comment, a declaration or a reference (&…;)"
        return
    try:
        root = ET.fromstring(drawing)  # noqa: S314 - without declarations there is nothing to expand
    except ET.ParseError as error:
        yield f"the drawing is not well-formed: {error}"
        return
    for element in root.iter():
        tag = element.tag.removeprefix(_SVG)
        if tag not in _SHAPES:
            yield f"<{tag}> is not a shape"
        if any(_LOADS.fullmatch(name) or "url(" in value.lower() for name, value in element.items()):
            yield f"<{tag}> loads, styles or runs something"


class GroupSpec(Spec):
    """Services that are shown together; ``code`` is also their folder, and groups come in the order of the file."""

    code: Code
    name: Words


class AgencySpec(Spec):
    """Who delivers a service. ``offices`` are the kinds of this pack's offices that receive people for it."""

    code: Code
    name: Words
    offices: tuple[OfficeKindCode, ...] = Field(strict=False, default=())
    source: Sentence


MOON_TOLERANCE: Final = timedelta(days=1)
"""The announced first day of a Hijri month follows the sighting of the moon and may differ from the computed one."""


def expected_starts(holiday: HolidaySpec, years: Iterable[int]) -> list[date]:
    """Compute the first day of each occurrence within ``years``.

    Returns
    -------
    list of date
        Sorted; empty when the holiday follows no calendar rule.

    Raises
    ------
    ValueError
        The day does not exist (30 February), or a year is outside the Hijri tables (1343 to 1500 AH).
    """
    starts: list[date] = []
    for year in years:
        if holiday.fixed is not None:
            month, day = _month_and_day(holiday.fixed)
            starts.append(date(year, month, day))
        elif holiday.hijri is not None:
            starts.extend(_hijri_days(year, *_month_and_day(holiday.hijri)))
        elif holiday.easter is not None:
            starts.append(western_easter(year) if holiday.easter == "western" else eastern_easter(year))
    return sorted(starts)


def western_easter(year: int) -> date:
    """Compute Easter Sunday of the Gregorian reckoning (Meeus, Astronomical Algorithms, 2nd ed., chapter 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def eastern_easter(year: int) -> date:
    """Compute Easter Sunday of the Julian reckoning, as a Gregorian date (Meeus, as above; 1900 to 2099)."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + weekday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _hijri_days(year: int, month: int, day: int) -> Iterable[date]:
    """Return the Gregorian days of ``year`` that are this day of a Hijri year: one, sometimes two, rarely none."""
    first_hijri_year = Gregorian(year, 1, 1).to_hijri().year
    for hijri_year in (first_hijri_year, first_hijri_year + 1):
        found = Hijri(hijri_year, month, day).to_gregorian()
        if found.year == year:
            yield date(found.year, found.month, found.day)
