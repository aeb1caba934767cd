"""What a language is: its name, its direction, how it writes days, times and numbers, and whom it falls back on.

Each has a folder with a ``language.toml`` in `booking/platform/locales`, or in the installation's own folder
(``MAWID_LANGUAGES_DIR``). Nothing else in the project names a language that pages are only translated into.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

WRITTEN: Final = ("ar", "en")
"""The languages that the project's own texts are written in; all others are translated from English."""
SOURCE: Final = "en"
"""English sentences are the message ids."""
FILE: Final = "language.toml"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]
Names = Annotated[tuple[str, ...], Field(strict=False)]


class LanguageError(Exception):
    """A language has no folder, or what its folder says is unusable."""


class Language(BaseModel):
    """One language.

    Attributes
    ----------
    code
        As in addresses and in a pack's ``languages``: ISO 639.
    own_name
        What its speakers call it.
    locale
        Where Babel's names of days, months and countries are.
    plurals
        gettext's rule; every catalogue of the language has it in its head.
    tags
        Other BCP 47 tags under which programs ask for it; a longer one decides before a shorter one.
    fallback
        The language whose sentence is shown where this one has none; at the end it is English.
    audiences
        Folders of `api/pages`, or single pages, that speak it; others are shown whole in ``fallback``. Empty: all.
    digits
        "arabic" where numbers follow ``MAWID_DIGITS``.
    parts_of_day
        Names of the hours before each hour, of a clock of twelve; empty for one of 24.
    months, days, short_days, hijri_months, units
        Where Babel's are missing or poor: twelve months, seven days from Monday, and "{0}" with a unit's name.
    plain_text_messages
        Text messages go without accents (São Paulo as Sao Paulo), which would make them twice as long.
    needs_native_reader
        Nobody who grew up with it has read it all; every page says so.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: Code
    own_name: str
    direction: Literal["ltr", "rtl"]
    locale: str
    plurals: str
    comma: str = ","
    semicolon: str = ";"
    tags: Names = ()
    fallback: Code | None = None
    audiences: Names = ()
    digits: Literal["arabic", "latin"] = "latin"
    parts_of_day: tuple[tuple[int, str], ...] = Field(strict=False, default=())
    months: Names = ()
    days: Names = ()
    short_days: Names = ()
    hijri_months: Names = ()
    hijri_era: str = "AH"
    units: Mapping[Unit, str] = {}
    plain_text_messages: bool = False
    needs_native_reader: bool = False

    def is_spoken_on(self, page: str) -> bool:
        """Return whether a page below `api/pages` is shown in the language."""
        return not self.audiences or any(one in self.audiences for one in (page, page.partition("/")[0]))

    @field_validator("parts_of_day", mode="before")
    @classmethod
    def _as_pairs(cls, parts: Any) -> Any:
        return tuple(tuple(part) if isinstance(part, list) else part for part in parts)

    @field_validator("locale")
    @classmethod
    def _is_known(cls, locale: str) -> str:
        try:
            Locale.parse(locale)
        except (ValueError, UnknownLocaleError) as error:
            raise ValueError(f"Babel knows no locale {locale}") from error
        return locale

    @model_validator(mode="after")
    def _has_whole_lists(self) -> Self:
        for name, least in (("months", 12), ("days", 7), ("short_days", 7), ("hijri_months", 12)):
            if len(getattr(self, name)) not in {0, least}:
                raise ValueError(f"{name} needs {least} names")
        if self.parts_of_day and self.parts_of_day[-1][0] != 24:  # noqa: PLR2004 - the hours of a day
            raise ValueError("parts_of_day must reach hour 24")
        return self


def read_language(code: str, own: Path | None = None) -> Language:
    """Read one language; the installation's ``own`` folder of languages decides before ours.

    Raises
    ------
    LanguageError
        There is no such folder, or its file is unusable.
    """
    return _read(code, own)


@cache
def _read(code: str, own: Path | None) -> Language:
    file = folder_of(code, own).joinpath(FILE)
    try:
        return Language.model_validate({"code": code, **tomllib.loads(file.read_text(encoding="utf-8"))})
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise LanguageError(f"{file}: {told}") from None
    except ValueError as error:  # of the TOML, of its UTF-8, or of a number of thousands of digits
        raise LanguageError(f"{file}: {error}") from error
    except RecursionError:
        raise LanguageError(f"{file}: values stand within too many others") from None


def folder_of(code: str, own: Path | None = None) -> Traversable:
    """Return the folder with a language's file and its catalogues.

    Raises
    ------
    LanguageError
        There is none.
    """
    for folder in folders(own):
        if code.isalpha() and folder.joinpath(code, FILE).is_file():
            return folder.joinpath(code)
    raise LanguageError(f"there is no language {code}: a folder {code} with {FILE} in booking/platform/locales")


def known_codes(own: Path | None = None) -> tuple[str, ...]:
    """Return the codes of all languages that have a folder, in their order."""
    found = {one.name for folder in folders(own) for one in folder.iterdir() if one.joinpath(FILE).is_file()}
    return tuple(sorted(found))


def folders(own: Path | None = None) -> Sequence[Traversable]:
    """Return where languages are: the installation's own folder first, where it has one, then ours."""
    ours = resources.files("booking.platform").joinpath("locales")
    return (ours,) if own is None else (own, ours)


def chain_of(code: str, own: Path | None = None) -> tuple[Language, ...]:
    """Return a language and those it falls back on, down to English.

    Raises
    ------
    LanguageError
        One of them has no folder, or they fall back on each other in a circle.
    """
    chain = [read_language(code, own)]
    while chain[-1].code != SOURCE:
        following = chain[-1].fallback or SOURCE
        if following in [one.code for one in chain]:
            raise LanguageError(f"{code} falls back on itself")
        chain.append(read_language(following, own))
    return tuple(chain)


_ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_NUMBER: Final = re.compile(
    r"%\(\w+\)s|\{\w+\}|\+[\d ]+|\d{4}-\d\d-\d\d|[A-Za-z]+ \d+\.\d+"  # blanks, phones, ISO days, "TLS 1.3"
    r"|[A-Za-z0-9_.:/-]*[A-Za-z_][A-Za-z0-9_.:/-]*|(\d+)"  # addresses and Latin words; then a number of the sentence
)


def arabic(text: str) -> str:
    """Write every digit of a text as ٠١٢٣."""
    return text.translate(_ARABIC)


def arabic_in_sentence(text: str) -> str:
    """Write the numbers of a sentence as ٠١٢٣; what stands in Latin letters, a phone and a blank stay as they are."""
    return _NUMBER.sub(lambda found: arabic(found[1]) if found[1] else found[0], text)


def directed(markdown: str, direction: Literal["ltr", "rtl"]) -> str:
    """Return Markdown as it is where it runs from left to right, else inside an element that says so."""
    return markdown if direction == "ltr" else f'<div dir="{direction}">\n\n{markdown}\n\n</div>'
