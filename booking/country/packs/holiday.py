"""The form of a holiday in a country pack."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from booking.country.packs.fields import (
    Code,
    CountryCode,
    MonthDay,
    Sentence,
    Spec,
    Words,
)


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
