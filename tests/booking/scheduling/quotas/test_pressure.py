"""Demand against capacity: counted by hand."""

from datetime import timedelta

import pytest

from booking.platform.models import Office
from booking.platform.models.offices.office import OfficeKind
from booking.scheduling.quotas.views import Asked, OfficeDays, pressures
from tests.booking.scheduling.quotas.test_redraw import FIRST, HALF

SUNDAY, MONDAY = 6, 0


def office(number, code, units=20):
    """An office with two days, a Sunday and a Monday."""
    row = Office(id=number, code=code, region_code="r", kind=OfficeKind.BRANCH)
    return OfficeDays(row, {FIRST: units, FIRST + timedelta(days=1): units})


@pytest.fixture
def found():
    """Pressure of three offices: a much asked one, one that few ask, one that nobody asks."""
    asked = [
        Asked("a", 1 << SUNDAY, people=10, units=18),
        Asked("a", 127, people=20, units=20),
        Asked("b", 127, people=4, units=4),
    ]
    return pressures(asked, [office(2, "b"), office(1, "a"), office(3, "c")], HALF)


def test_a_person_who_accepts_two_days_counts_half_on_each(found):
    first = found[0]
    assert (first.office.code, first.people, first.units, first.places) == ("a", 30, 38, 24)
    assert first.by_weekday == {SUNDAY: (28, 12), MONDAY: (10, 12)}
    assert first.ratio == pytest.approx(38 / 24)


def test_zero_is_shown_and_offices_are_ordered_by_pressure(found):
    assert [one.office.code for one in found] == ["a", "b", "c"]
    assert (found[2].people, found[2].ratio) == (0, 0)


def test_an_office_without_places_has_no_ratio():
    (shut,) = pressures([Asked("a", 127, people=9, units=9)], [office(1, "a", units=0)], HALF)
    assert (shut.people, shut.places, shut.ratio, shut.by_weekday) == (9, 0, None, {})
