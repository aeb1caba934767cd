"""The demonstration's day at the counter, at hours when a real office is closed too."""

from datetime import UTC, datetime

import pytest

from booking.desk.counter.views import day_sheet
from booking.desk.counter.walk_ins import walk_in_day
from booking.entrypoints.demo.counter_day import people_today
from booking.entrypoints.demo.people import Population
from booking.platform.models.states import AppointmentState
from tests.booking.desk.counter.visits import a_clerk
from tests.booking.entrypoints.demo.test_population import PACK, a_timetable
from tests.support.country import put_rules_in_force

FRIDAY = datetime(2026, 11, 6, 9, 10, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 11, 4, 20, 50, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 11, 4, 21, 5, tzinfo=UTC)
EVERYONE_IS_CHECKED = """
[[rule]]
name = "everyone"
when = "party_size >= 1"
then = "challenge"
say.ar = "نتحقق"
say.en = "Checked"
"""


@pytest.mark.parametrize("now", [FRIDAY, BEFORE_MIDNIGHT, AFTER_MIDNIGHT])
def test_people_of_today_are_expected_here_and_served(country, clock, now):
    clock.set(now)
    clerk = a_clerk(country)

    booked = people_today(country, clock, Population(PACK, a_timetable(100), seed=1), clerk, seed=1)

    sheet = day_sheet(country, officer_id=clerk)
    assert clock.now() == now
    assert len(sheet.lines) == booked > 5
    assert sheet.count(AppointmentState.SERVED) == 2
    assert sheet.count(AppointmentState.CHECKED_IN) in {1, 2}
    assert now == BEFORE_MIDNIGHT or walk_in_day(country, officer_id=clerk).free > 0


def test_people_of_today_pass_the_check_that_the_gate_asks_for(country, clock):
    clock.set(FRIDAY)
    put_rules_in_force(country, source=EVERYONE_IS_CHECKED)

    booked = people_today(country, clock, Population(PACK, a_timetable(100), seed=1), a_clerk(country), seed=1)

    assert booked > 5
