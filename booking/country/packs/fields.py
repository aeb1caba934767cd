"""The kinds of values that a country pack is written in."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel, StringConstraints

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
