"""The kinds of values that calls are made of: strict, bounded, and none that a database could not keep."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from booking.platform.base.errors import FieldError, NotFoundError
from booking.platform.base.fields import YEARS, near
from fraud.challenges.proof_of_work import LONGEST_SOLUTION

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MEMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
LARGEST_ID: Final = 2**31 - 1


def member_id(text: str) -> int:
    """Read the id of a person of the household, as text; raises NotFoundError for what is none."""
    if not _MEMBER.fullmatch(text):
        raise NotFoundError
    return int(text)


class In(BaseModel):
    """The body of a call: unknown names and wrong types are mistakes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Out(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def _iso_day(value: object) -> object:
    """Read 2026-11-24 and nothing else; a number of seconds, which Pydantic would read too, is not a day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    written = value if isinstance(value, str) and _ISO_DAY.fullmatch(value) else ""
    try:
        return near("", date.fromisoformat(written))
    except ValueError:
        raise PydanticCustomError("unreadable", "a day is written as year-month-day") from None
    except FieldError as error:
        raise PydanticCustomError("other_years", "a day is of the years {first} to {last}", error.values) from None


Day: TypeAlias = Annotated[
    date,
    BeforeValidator(_iso_day),
    WithJsonSchema(
        {"type": "string", "format": "date", "description": f"A day of the years {YEARS.start} to {YEARS.stop - 1}."}
    ),
]
Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Word: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$", max_length=24)]
LanguageCode: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(description="A language of the country pack, such as ar.")
]
DrawReference: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,24}$"), Path()]
FileName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,60}$"), Path()]
DoorWord: TypeAlias = Literal["home", "abroad"]
Id: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Typed: TypeAlias = Annotated[str, StringConstraints(max_length=200)]
"""What a person typed about themselves: the core judges it and says in words what is wrong."""
Prose: TypeAlias = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
"""A text of several lines; PostgreSQL keeps every character but NUL."""
OneTimeCode: TypeAlias = Annotated[str, StringConstraints(max_length=40)]
Solution: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=LONGEST_SOLUTION),
    Field(description="Base64 of JSON: the challenge as it came and {counter, derivedKey}."),
]


Reference: TypeAlias = Annotated[
    str, Path(min_length=1, max_length=40, description="As shown (7K2-M9D-4QX) or without dashes.")
]


class Bilingual(Out):
    """The same words in Arabic and in English."""

    ar: str
    en: str


def bilingual(thing: Any, name: str = "name") -> Bilingual:
    """Take ``name_ar`` and ``name_en`` of a row."""
    return Bilingual(ar=getattr(thing, f"{name}_ar"), en=getattr(thing, f"{name}_en"))
