"""Words, numbers and dates in Arabic and English.

English sentences are the message ids; ``locales/ar`` holds the Arabic. The catalogue is compiled in memory at start,
so the repository holds no binary. A PO file without ``Language: ar``, or with another order of the six Arabic
plurals than gettext's, would silently say the wrong thing: both are checked when it is read.
"""

import gettext
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone_location, get_timezone_name
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from hijridate import Gregorian

from booking.base.settings import Digits, Language, Settings
from booking.packs.fields import Words as PackWords

ARABIC_PLURALS: Final = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
)
_LOCALES: Final = {Language.ARABIC: Locale("ar", "SY"), Language.ENGLISH: Locale("en", "GB")}
_OWN_NAMES: Final = {Language.ARABIC: "العربية", Language.ENGLISH: "English"}
_CODES: Final = frozenset(language.value for language in Language)
_ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_PARTS_OF_DAY: Final = ((12, "صباحًا"), (13, "ظهرًا"), (17, "بعد الظهر"), (24, "مساءً"))


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "a message id, translated later"
    """Mark a sentence for the catalogue."""
    return sentence


class CatalogueError(Exception):
    """The Arabic catalogue would not do what its author meant."""


class Words:
    """One language: its sentences, and how it writes numbers, days and times.

    Months have the names used in Syria (تشرين الثاني). ``digits`` chooses between 0123 and ٠١٢٣ in Arabic.
    """

    def __init__(self, language: Language, digits: Digits, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self.own_name = _OWN_NAMES[language]
        self.direction = "rtl" if language is Language.ARABIC else "ltr"
        self._locale = _LOCALES[language]
        self._arabic_digits = language is Language.ARABIC and digits is Digits.ARABIC
        self._catalogue = catalogue

    def gettext(self, sentence: str) -> str:
        """Return a sentence in this language."""
        return self._catalogue.gettext(sentence)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form of a sentence that goes with ``count``."""
        return self._catalogue.ngettext(one, many, count)

    def say(self, sentence: str, values: Mapping[str, object]) -> str:
        """Return a sentence with its ``%(name)s`` filled; numbers are written as this language writes them."""
        shown = {key: self.number(value) if isinstance(value, int) else value for key, value in values.items()}
        return self.gettext(sentence) % shown if shown else self.gettext(sentence)

    def pick(self, ar: str, en: str) -> str:
        """Choose between two texts that the database holds side by side."""
        return ar if self.language is Language.ARABIC else en

    def said(self, words: PackWords) -> str:
        """Return what a country pack says in this language."""
        return words[self.language.value]

    def digits(self, text: str) -> str:
        """Write the digits of a text as the settings say."""
        return text.translate(_ARABIC_DIGITS) if self._arabic_digits else text

    def number(self, value: float) -> str:
        """Write a number with its thousands apart."""
        return self.digits(format_decimal(value, locale=_LOCALES[Language.ENGLISH]))

    def day(self, value: date) -> str:
        """Write a day: "Tuesday 24 November 2026"."""
        return self.digits(format_date(value, "EEEE d MMMM y", locale=self._locale))

    def short_day(self, value: date) -> str:
        """Write a day without its name: "24 November 2026"."""
        return self.digits(format_date(value, "d MMMM y", locale=self._locale))

    def month(self, value: date) -> str:
        """Write the name of a day's month: "November"."""
        return str(format_date(value, "MMMM", locale=self._locale))

    def hijri(self, value: date) -> str:
        """Write a day in the Umm al-Qura calendar; it may differ by a day from the announced one."""
        day = Gregorian(value.year, value.month, value.day).to_hijri()
        era = "هـ" if self.language is Language.ARABIC else "AH"
        return self.digits(f"{day.day} {day.month_name(self.language.value)} {day.year} {era}")

    def day_of(self, text: str) -> str:
        """Write a day that is given as year-month-day."""
        return self.day(date.fromisoformat(text))

    def local_day(self, value: datetime, zone: str) -> str:
        """Write the day that an instant has in a time zone."""
        return self.day(value.astimezone(ZoneInfo(zone)).date())

    def local_hijri(self, value: datetime, zone: str) -> str:
        """Write the same day in the Umm al-Qura calendar."""
        return self.hijri(value.astimezone(ZoneInfo(zone)).date())

    def percent(self, share: float) -> str:
        """Write a share as a percentage."""
        return self.digits(f"{share * 100:.0f}%")

    def time(self, value: datetime, zone: str) -> str:
        """Write the time of day of an instant in a time zone."""
        local = value.astimezone(ZoneInfo(zone))
        if self.language is Language.ENGLISH:
            return format_time(local, "h:mm\u00a0a", locale=self._locale)
        part = next(name for until, name in _PARTS_OF_DAY if local.hour < until)
        return self.digits(f"{local.hour % 12 or 12}:{local.minute:02}\u00a0{part}")

    def instant(self, value: datetime, zone: str) -> str:
        """Write the day and time of an instant in a time zone."""
        return f"{self.day(value.astimezone(ZoneInfo(zone)).date())}{self.comma} {self.time(value, zone)}"

    def duration(self, seconds: float) -> str:
        """Write how long something took, in its largest fitting unit: "3 hours"."""
        return self.digits(format_timedelta(timedelta(seconds=seconds), granularity="minute", locale=self._locale))

    def country(self, code: str) -> str:
        """Return the name of a country by its ISO code."""
        return str(self._locale.territories.get(code, code))

    def zone(self, value: datetime, zone: str) -> str:
        """Return what a time zone is called at an instant: "Central European Summer Time"; else by its country."""
        name = get_timezone_name(value.astimezone(ZoneInfo(zone)), locale=self._locale)
        return get_timezone_location(zone, locale=self._locale) if "+" in name or "-" in name else name

    def weekday(self, number: int) -> str:
        """Return the name of a weekday; 0 is Monday."""
        return str(self._locale.days["format"]["wide"][number])

    def listed(self, parts: list[str]) -> str:
        """Join parts of a list with this language's comma."""
        return f"{self.comma} ".join(parts)

    @property
    def comma(self) -> str:
        """Return what stands between the parts of a list."""
        return "،" if self.language is Language.ARABIC else ","


def load_words(settings: Settings) -> Mapping[Language, Words]:
    """Return both languages; their catalogues are read once in a process."""
    return _words(settings.digits)


@cache
def _words(digits: Digits) -> Mapping[Language, Words]:
    arabic = read_catalogue(resources.files("api").joinpath("locales/ar/LC_MESSAGES"))
    return {
        Language.ARABIC: Words(Language.ARABIC, digits, arabic),
        Language.ENGLISH: Words(Language.ENGLISH, digits, gettext.NullTranslations()),
    }


def preferred(header: str | None, default: Language) -> Language:
    """Choose the language that an ``Accept-Language`` header prefers among ours."""
    best, best_weight = default, 0.0
    for part in (header or "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.split("-")[0].lower()
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        if primary in _CODES and value > best_weight:
            best, best_weight = Language(primary), value
    return best


def read_catalogue(folder: Traversable) -> gettext.GNUTranslations:
    """Read the Arabic catalogue's files, one for each part of the site; together they are one catalogue.

    Raises
    ------
    CatalogueError
        A file lacks its language or gettext's plural order.
    """
    together = Catalog(locale="ar")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        source = file.read_bytes()
        if f'"Plural-Forms: {ARABIC_PLURALS}\\n"'.encode() not in source or b'"Language: ar\\n"' not in source:
            raise CatalogueError(f"{file.name}: an Arabic catalogue needs Language: ar and gettext's order of plurals")
        part = read_po(BytesIO(source), locale="ar")
        if not together:
            together.mime_headers = part.mime_headers
        for message in part:
            if message.id:
                together.add(message.id, message.string, flags=message.flags)
    compiled = BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
