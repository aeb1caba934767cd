"""The Syrian data itself: what the issue asks for, and facts that another source can confirm."""

from datetime import date, timedelta
from importlib import resources

import pytest
from babel import Locale
from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter
from hijridate import Gregorian, Hijri

from booking.country.packs.fields import eastern_easter, western_easter


def test_each_of_the_14_governorates_has_a_branch(syria):
    governorates = {region.code for region in syria.regions if region.country == "SY"}
    branches = {office.region for office in syria.offices if office.kind == "branch"}

    assert len(governorates) == 14
    assert branches == governorates


def test_there_are_at_least_30_consulates_on_five_continents(syria):
    consulates = [office for office in syria.offices if office.kind == "consulate"]

    assert len(consulates) >= 30
    continents = {office.time_zone.split("/")[0] for office in consulates}
    assert continents == {"Europe", "Asia", "Africa", "America"}


def test_each_office_is_where_its_time_zone_is(syria):
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    countries = {
        zone: code for code, _, zone, *_ in (row.split("\t") for row in table.splitlines() if not row.startswith("#"))
    }

    for office in syria.offices:
        assert countries[office.time_zone] == syria.region(office.region).country, office.code


def test_home_branches_work_from_sunday_to_thursday(syria):
    for office in syria.offices:
        if office.kind == "branch":
            days = {weekday for rule in office.opening for weekday in rule.weekdays}
            assert days == {"sun", "mon", "tue", "wed", "thu"}, office.code


def test_syrian_coordinates_are_in_syria(syria):
    for office in syria.offices:
        if office.kind == "branch":
            assert 32.3 < office.latitude < 37.4, office.code
            assert 35.6 < office.longitude < 42.4, office.code


def test_consulates_have_coordinates_of_their_own(syria):
    places = {(office.latitude, office.longitude) for office in syria.offices}

    assert len(places) == len(syria.offices)


def test_arabic_names_are_in_arabic_letters_and_english_ones_are_not(syria):
    for spec in (*syria.offices, *syria.regions, *syria.services, *syria.holidays, *syria.reasons):
        assert any("\u0621" <= letter <= "\u064a" for letter in spec.name["ar"]), spec.code
        assert not any("\u0600" <= letter <= "\u06ff" for letter in spec.name["en"]), spec.code


def test_countries_abroad_have_their_proper_names(syria):
    english = Locale("en").territories

    for region in syria.regions:
        if region.country != "SY":
            assert region.name["en"] == english[region.country], region.code


def test_every_source_names_what_is_assumed(syria):
    assert all("assumed for the demo" in office.source for office in syria.offices)


def test_the_six_passport_services_exclude_each_other(syria):
    passports = [service for service in syria.services if service.group == "passports" and service.position < 100]
    assert [service.code for service in passports] == [
        "passport-renewal",
        "new-passport",
        "child-passport",
        "replacement-lost",
        "replacement-damaged",
        "data-change",
    ]
    assert {service.appointment.exclusive_group for service in passports} == {"passport"}
    assert {service.appointment.units for service in passports} == {1, 2}


def test_no_age_falls_between_a_child_and_an_adult(syria):
    child, adult = syria.service("child-passport").eligibility, syria.service("new-passport").eligibility

    assert child.max_age + 1 == adult.min_age


@pytest.mark.parametrize(
    ("code", "month", "day"),
    [("eid-al-fitr", 10, 1), ("eid-al-adha", 12, 10), ("hijri-new-year", 1, 1), ("mawlid", 3, 12)],
)
def test_islamic_holidays_are_within_a_day_of_the_hijri_calendar(syria, code, month, day):
    holiday = next(holiday for holiday in syria.holidays if holiday.code == code)

    for start in holiday.starts:
        hijri_year = Gregorian.fromdate(start).to_hijri().year
        candidates = [Hijri(year, month, day).to_gregorian() for year in (hijri_year - 1, hijri_year, hijri_year + 1)]
        assert min(abs(date(*found.datetuple()) - start) for found in candidates) <= timedelta(days=1)


def test_both_easters_agree_with_another_implementation():
    for year in range(1900, 2100):
        assert western_easter(year) == easter(year, EASTER_WESTERN)
        assert eastern_easter(year) == easter(year, EASTER_ORTHODOX)


@pytest.mark.parametrize(
    ("code", "start", "days"),
    [
        ("eid-al-fitr", date(2026, 3, 20), 3),
        ("eid-al-adha", date(2027, 5, 16), 4),
        ("hijri-new-year", date(2026, 6, 16), 1),
        ("easter-eastern", date(2027, 5, 2), 1),
        ("easter-western", date(2028, 4, 16), 1),
        ("liberation-day", date(2026, 12, 8), 1),
        ("evacuation-day", date(2027, 4, 17), 1),
    ],
)
def test_known_holidays_are_on_their_days(syria, code, start, days):
    holiday = next(holiday for holiday in syria.holidays if holiday.code == code)

    assert start in holiday.starts
    assert holiday.days == days
