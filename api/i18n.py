"""Words, numbers and dates as each language of an installation writes them.

What a language is and says comes from `booking.platform.languages`; this is how pages, charts and documents write in
it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta, get_timezone_location, get_timezone_name
from babel.numbers import format_decimal
from hijridate import Gregorian

from booking.platform.base.settings import Settings
from booking.platform.languages.language import WRITTEN, Unit
from booking.platform.languages.speech import Speech, load_languages

_NUMBERS: Final = Locale("en", "GB")
_UNITS: Final[tuple[tuple[Unit, int], ...]] = (
    ("year", 31_536_000),
    ("month", 2_592_000),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
)
MOST_TAGS: Final = 20
"""Languages that are read of a program's wishes: nobody speaks more, and all other calls wait meanwhile."""
_ENOUGH: Final = 0.85
"""Of a unit, from which on a time is told in it, as Babel does."""


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for "a message id, translated later"
    """Mark a sentence for the catalogue."""
    return sentence


class Words(Speech):
    """One language as a reader meets it: its sentences, and how it writes numbers, days and times."""

    def __init__(self, speech: Speech) -> None:
        super().__init__(speech.chain, speech.catalogues, speech.numerals)
        self.own_name = self.language.own_name
        self.direction = self.language.direction

    def say(self, sentence: str, values: Mapping[str, object]) -> str:
        """Return a sentence with its ``%(name)s`` filled; numbers are written as this language writes them."""
        shown = {key: self.number(value) if isinstance(value, int) else value for key, value in values.items()}
        return self.gettext(sentence) % shown if shown else self.gettext(sentence)

    def number(self, value: float) -> str:
        """Write a number with its thousands apart."""
        return self.digits(f"{value:,}" if isinstance(value, int) else format_decimal(value, locale=_NUMBERS))

    def day(self, value: date) -> str:
        """Write a day: "Tuesday 24 November 2026"."""
        return f"{self.weekday(value.weekday())} {self.short_day(value)}"

    def short_day(self, value: date) -> str:
        """Write a day without its name: "24 November 2026"."""
        return self.digits(f"{value.day} {self.month(value)} {value.year}")

    def month(self, value: date) -> str:
        """Write the name of a day's month: "November"."""
        declared = self.language.months
        return declared[value.month - 1] if declared else str(format_date(value, "MMMM", locale=self._locale))

    def hijri(self, value: date) -> str:
        """Write a day in the Umm al-Qura calendar; it may differ by a day from the announced one."""
        day = Gregorian(value.year, value.month, value.day).to_hijri()
        declared = self.language.hijri_months
        name = declared[day.month - 1] if declared else day.month_name("en")
        return self.digits(f"{day.day} {name} {day.year} {self.language.hijri_era}")

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
        parts = self.language.parts_of_day
        if not parts:
            return self.digits(f"{local.hour}:{local.minute:02}")
        part = next(name for until, name in parts if local.hour < until)
        return self.digits(f"{local.hour % 12 or 12}:{local.minute:02}\u00a0{part}")

    def instant(self, value: datetime, zone: str) -> str:
        """Write the day and time of an instant in a time zone."""
        return f"{self.day(value.astimezone(ZoneInfo(zone)).date())}{self.comma} {self.time(value, zone)}"

    def duration(self, seconds: float) -> str:
        """Write how long something took, in its largest fitting unit: "3 hours"."""
        if not self.language.units:
            return self.digits(format_timedelta(timedelta(seconds=seconds), granularity="minute", locale=self._locale))
        unit, length = next((one for one in _UNITS if seconds >= one[1] * _ENOUGH), _UNITS[-1])
        return self.digits(self.language.units[unit].format(max(1, round(seconds / length))))

    def country(self, code: str) -> str:
        """Return the name of a country by its ISO code."""
        return str(self._locale.territories.get(code, code))

    def zone(self, value: datetime, zone: str) -> str:
        """Return what a time zone is called at an instant: "Central European Summer Time"; else by its country."""
        name = get_timezone_name(value.astimezone(ZoneInfo(zone)), locale=self._locale)
        return get_timezone_location(zone, locale=self._locale) if "+" in name or "-" in name else name

    def listed(self, parts: list[str]) -> str:
        """Join parts of a list with this language's comma."""
        return f"{self.comma} ".join(parts)


def load_words(settings: Settings, codes: Sequence[str] = WRITTEN) -> Mapping[str, Words]:
    """Return languages by code; their catalogues are read once in a process.

    Raises
    ------
    LanguageError
        One has no folder, or an unusable one.
    """
    return {code: _words(speech) for code, speech in load_languages(settings, codes).items()}


@cache
def _words(speech: Speech) -> Words:
    return Words(speech)


def preferred(header: str | None, languages: Mapping[str, Words], default: str) -> str:
    """Choose the language that an ``Accept-Language`` header prefers among ours; of a long one its beginning counts."""
    best, best_weight = default, 0.0
    for part in (header or "").split(",", MOST_TAGS)[:MOST_TAGS]:
        tag, _, weight = part.strip().partition(";q=")
        code = _code_of(tag.lower(), languages)
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        if code is not None and value > best_weight:
            best, best_weight = code, value
    return best


def _code_of(tag: str, languages: Mapping[str, Words]) -> str | None:
    """Return the language of a tag: the one of which it begins with the longest tag."""
    fits = [
        (len(own), code)
        for code, words in languages.items()
        for own in (code, *words.language.tags)
        if tag == own or tag.startswith(f"{own}-")
    ]
    return max(fits)[1] if fits else None
