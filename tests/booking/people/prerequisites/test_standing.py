from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.country.core.register import Holding
from booking.country.packs.service import PrerequisiteSpec
from booking.people.prerequisites.standing import Days, Lack, Subject, days_without_lack, lacking

MONDAY = date(2026, 11, 2)
RULE = PrerequisiteSpec(code="c", service="clearance", valid="on-the-day", not_older_than_days=30)


def on(number):
    return MONDAY + timedelta(days=number)


def a_person(*held):
    return Subject(date(1990, 1, 1), "resident", None, held)


def clearance(issued, until=None):
    return Holding("clearance", on(issued), None if until is None else on(until))


def test_each_person_of_a_party_is_checked_separately():
    party = [a_person(clearance(-30)), a_person(), a_person(clearance(-31)), a_person(clearance(1))]

    assert lacking([RULE], party, MONDAY) == [Lack(1, "clearance"), Lack(2, "clearance"), Lack(3, "clearance")]


HELD = st.lists(st.builds(clearance, st.integers(-40, 20), st.none() | st.integers(-20, 30)), max_size=3)


@given(st.lists(HELD, min_size=1, max_size=3), st.integers(0, 15), st.integers(0, 20))
def test_days_without_lack_match_counting_day_by_day(held, first, length):
    party = [a_person(*one) for one in held]
    window = Days(on(first), on(first + length))
    found = days_without_lack([([RULE], one) for one in party], window)

    good = [day for day in range(first, first + length + 1) if not lacking([RULE], party, on(day))]
    if found is None:
        assert not good
    else:
        assert set(range((found.first - MONDAY).days, (found.last - MONDAY).days + 1)) <= set(good)
        assert found.within(window) == found
        if all(len(one) == 1 for one in held):  # one paper each: the good days are one stretch
            assert len(good) == (found.last - found.first).days + 1
