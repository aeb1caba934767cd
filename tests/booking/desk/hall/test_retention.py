"""Whom the law put first is forgotten a month after the day, by the job of the night."""

import pytest
from sqlalchemy import select

from booking.desk.hall.call import put_first
from booking.desk.hall.reckon import KEPT, forget_priorities
from booking.platform.models import Appointment, WalkIn
from tests.booking.desk.hall.halls import a_hall


@pytest.fixture
def hall(country):
    return a_hall(country)


def first_by_law(hall):
    with hall.core.sessions() as session:
        return [session.scalars(select(table.priority)).all().count(True) for table in (Appointment, WalkIn)]


def test_whom_the_law_put_first_is_forgotten_a_month_later(hall):
    for number in (hall.come(hall.visits[0]), hall.ticket()):
        put_first(hall.core, officer_id=hall.clerk, number=number, first=True)
    hall.pass_by(KEPT.total_seconds() / 60)
    assert forget_priorities(hall.core) == 0
    assert first_by_law(hall) == [1, 1]
    hall.pass_by(24 * 60 + 1)
    assert forget_priorities(hall.core) == 2
    assert first_by_law(hall) == [0, 0]
    assert forget_priorities(hall.core) == 0
