"""What must hold between the entries of a pack. Each function finds the breaches of one rule and stops at none."""

import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from datetime import time, timedelta
from functools import cache
from importlib import resources

from pydantic import BaseModel

from booking.country.packs.fields import MOON_TOLERANCE, OFFICE_KINDS, HolidaySpec, Words, expected_starts, minute_of
from booking.country.packs.quotas import QuotaSpec
from booking.country.packs.reading import Placed, Problem, SpecT
from booking.country.packs.schema import (
    CountrySpec,
    OfficeSpec,
    OpeningRule,
    RegionSpec,
    ServiceLevelSpec,
)
from booking.platform.languages.language import WRITTEN


@cache
def country_codes() -> frozenset[str]:
    """Return the ISO 3166 two-letter codes, from the table that comes with the time zones."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    return frozenset(line[:2] for line in table.splitlines() if not line.startswith("#"))


def codes_are_unique(entries: Iterable[Placed[SpecT]], field: str = "code") -> Iterator[Problem]:
    """Two entries of a kind never share a code (or position)."""
    seen: dict[object, Placed[SpecT]] = {}
    for entry in entries:
        value = getattr(entry.spec, field)
        first = seen.setdefault(value, entry)
        if first is not entry:
            place = first.problem("", field)
            yield entry.problem(f"{field} {value} is already used at {place.file}:{place.line}", field)


def offices_are_told_apart(offices: Iterable[Placed[OfficeSpec]]) -> Iterator[Problem]:
    """Two offices never show people the same name, or the same city, in a language."""
    seen: dict[tuple[str, str, str], Placed[OfficeSpec]] = {}
    for entry in offices:
        for field, words in (("name", entry.spec.name), ("city", entry.spec.city)):
            for language, text in words.root.items():
                first = seen.setdefault((field, language, text), entry)
                if first is not entry:
                    yield entry.problem(f"{text} is the {field} of {first.spec.code} already", field, language)


def words_are_complete(entry: Placed[SpecT], languages: Sequence[str]) -> Iterator[Problem]:
    """Every text is there in the languages that the project is written in, and in none that the pack does not speak."""
    for path, words in _words_inside(entry.spec, ()):
        name = ".".join(str(part) for part in path if isinstance(part, str))
        for language in WRITTEN:
            if language not in words.root:
                yield entry.problem(f"{name} has no text in {language}", *path)
        for language in words.root:
            if language not in languages:
                yield entry.problem(f"{name} has a text in {language}, not a language of this pack", *path, language)


def _words_inside(
    value: BaseModel | tuple[object, ...], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Words]]:
    if isinstance(value, Words):
        yield path, value
        return
    parts: Iterable[tuple[str | int, object]] = (
        vars(value).items() if isinstance(value, BaseModel) else enumerate(value)
    )
    for name, inside in parts:
        if isinstance(inside, BaseModel | tuple):  # most are neither
            yield from _words_inside(inside, (*path, name))


def languages_are_written(country: Placed[CountrySpec]) -> Iterator[Problem]:
    """Each language in which texts are written is spoken by the pack, and none is named twice."""
    languages = country.spec.languages
    for code in WRITTEN:
        if code not in languages:
            yield country.problem(f"languages lacks {code}, in which every text is written", "languages")
    for index, code in enumerate(languages):
        if code in languages[:index]:
            yield country.problem(f"languages has {code} twice", "languages", index)


@cache
def _time_zones() -> frozenset[str]:
    """Every zone that is known, looked for in the system's folders once in a process."""
    return frozenset(zoneinfo.available_timezones())


def country_is_sound(country: Placed[CountrySpec]) -> Iterator[Problem]:
    """Zone and codes are known; the bands follow each other without gap or overlap."""
    spec = country.spec
    if spec.time_zone not in _time_zones():
        yield country.problem(f"unknown time zone {spec.time_zone}", "time_zone")
    for field in ("code", "phone_region"):
        if getattr(spec, field) not in country_codes():
            yield country.problem(f"unknown country code {getattr(spec, field)}", field)
    for index, band in enumerate(spec.bands):
        if band.starts >= band.ends:
            yield country.problem(f"band {band.code} does not start before it ends", "bands", index, "ends")
        if index and band.starts != spec.bands[index - 1].ends:
            yield country.problem(
                f"band {band.code} does not start where the one before ends", "bands", index, "starts"
            )
    codes = [band.code for band in spec.bands]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield country.problem(f"two bands are called {code}", "bands", index, "code")


def regions_are_known(regions: Iterable[Placed[RegionSpec]]) -> Iterator[Problem]:
    """Each region lies in a country that exists."""
    for region in regions:
        if region.spec.country not in country_codes():
            yield region.problem(f"unknown country code {region.spec.country}", "country")


def offices_are_placed(
    offices: Iterable[Placed[OfficeSpec]], regions: Iterable[Placed[RegionSpec]], country: CountrySpec
) -> Iterator[Problem]:
    """Each office has a known zone and region, a branch at home, a consulate abroad with a district that exists."""
    known = {region.spec.code: region.spec.country for region in regions}
    known_zones = _time_zones() | {country.time_zone}  # a wrong one is reported once, for the country
    for office in offices:
        spec = office.spec
        if spec.time_zone not in known_zones:
            yield office.problem(f"unknown time zone {spec.time_zone}", "time_zone")
        for index, code in enumerate(spec.district):
            if code not in country_codes():
                yield office.problem(f"unknown country code {code}", "district", index)
        if spec.region not in known:
            yield office.problem(f"unknown region {spec.region}", "region")
        elif (known[spec.region] == country.code) != (spec.kind == "branch"):
            yield office.problem(f"a {spec.kind} cannot be in region {spec.region}", "region")
        elif spec.kind == "consulate" and known[spec.region] not in spec.district:
            yield office.problem(f"the district leaves out {known[spec.region]}, where the consulate is", "district")


def hours_are_sound(offices: Iterable[Placed[OfficeSpec]], country: CountrySpec) -> Iterator[Problem]:
    """Hours hold whole slots, lie within the bands with no slot across two, off the weekend, and never overlap."""
    for office in offices:
        for index, rule in enumerate(office.spec.opening):
            for message in _breaches_of_a_rule(rule, office.spec, country):
                yield office.problem(message, "opening", index)
            for other in office.spec.opening[:index]:
                for weekday in rule.weekdays:
                    if weekday in other.weekdays and rule.opens < other.closes and other.opens < rule.closes:
                        yield office.problem(f"two opening rules overlap on {weekday}", "opening", index)


def _breaches_of_a_rule(rule: OpeningRule, office: OfficeSpec, country: CountrySpec) -> Iterator[str]:
    if not _whole_slots(rule.opens, rule.closes, country):
        yield f"the hours are not a multiple of {country.slot_minutes} minutes"
    starts, ends = country.bands[0].starts, country.bands[-1].ends
    if rule.opens < starts or rule.closes > ends:
        yield f"the hours are outside the bands, {starts:%H:%M} to {ends:%H:%M}"
    for band in country.bands:
        if rule.opens < band.starts < rule.closes and not _whole_slots(rule.opens, band.starts, country):
            yield f"a slot would lie across {band.starts:%H:%M}, where band {band.code} starts"
    for weekday in rule.weekdays:
        if weekday in office.weekend:
            yield f"{weekday} is in this office's weekend"


def _whole_slots(first: time, last: time, country: CountrySpec) -> bool:
    return (minute_of(last) - minute_of(first)) % country.slot_minutes == 0


def both_levels_are_there(levels: Sequence[Placed[ServiceLevelSpec]]) -> Iterator[Problem]:
    """Both levels of an approved case are there: urgent and immediate."""
    codes = {level.spec.code for level in levels}
    for code in ("urgent", "immediate"):
        if levels and code not in codes:
            yield levels[0].problem(f"there is no level {code}", "code")


def quotas_cover_each_kind(quotas: Placed[QuotaSpec]) -> Iterator[Problem]:
    """Each kind of office has exactly one split."""
    kinds = [split.office_kind for split in quotas.spec.pools]
    for kind in OFFICE_KINDS:
        if kinds.count(kind) != 1:
            yield quotas.problem(f"{kinds.count(kind)} splits for {kind}, expected one", "pools")


def holidays_are_dated(holidays: Iterable[Placed[HolidaySpec]], years: Sequence[int]) -> Iterator[Problem]:
    """Each date is in the covered years and listed once, for countries that exist."""
    for holiday in holidays:
        for index, code in enumerate(holiday.spec.countries):
            if code not in country_codes():
                yield holiday.problem(f"unknown country code {code}", "countries", index)
        for index, start in enumerate(holiday.spec.starts):
            if start.year not in years:
                yield holiday.problem(f"{start} is outside the years of this file", "starts", index)
            if start in holiday.spec.starts[:index]:
                yield holiday.problem(f"{start} is listed twice", "starts", index)


def holidays_follow_their_calendar(holidays: Iterable[Placed[HolidaySpec]], years: Sequence[int]) -> Iterator[Problem]:
    """Each date is where its calendar puts it, and no occurrence within the covered years is forgotten."""
    for holiday in holidays:
        spec = holiday.spec
        if not (spec.fixed or spec.hijri or spec.easter):
            continue
        try:
            expected = expected_starts(spec, years)
        except (ValueError, OverflowError) as error:
            yield holiday.problem(f"not a day of each year: {error}", "fixed" if spec.fixed else "hijri")
            continue
        tolerance = MOON_TOLERANCE if spec.hijri else timedelta(0)
        for index, start in enumerate(spec.starts):
            if start.year in years and all(abs(start - day) > tolerance for day in expected):
                yield holiday.problem(f"{start} is not where its calendar puts {spec.code}", "starts", index)
        for day in expected:
            if all(abs(start - day) > tolerance for start in spec.starts):
                yield holiday.problem(f"{spec.code} has no date near {day}", "starts")
