"""Service times are measured from calls, and what is told to people follows them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from booking.desk.counter.walk_ins import end
from booking.desk.hall.call import call_next, put_first
from booking.desk.hall.reckon import KEPT, forget_priorities, measure_service_times, measured_times
from booking.platform.models import Appointment, Office, Request, ServiceTime, WalkIn
from booking.scheduling.appointments.attend import serve
from tests.booking.desk.hall.halls import a_hall
from tests.support.roles import past_the_roles


def test_times_from_the_call_to_the_end_are_measured_and_lean_on_what_is_stated(country):
    hall = a_hall(country, visits=2)
    assert measure_service_times(country) == 0
    for visit in hall.visits:
        hall.come(visit)
        call_next(country, officer_id=hall.clerk, counter=1)
        hall.pass_by(40)
        serve(country, officer_id=hall.clerk, reference=visit.reference)
    assert measure_service_times(country) == 2
    assert measure_service_times(country) == 2  # again: the same
    with country.sessions() as session:
        office = session.scalars(select(Office).where(Office.code == "damascus")).one()
        rows = session.scalars(select(ServiceTime)).all()
        times = measured_times(session, office.id)
        elsewhere = measured_times(session, office.id + 1)
    assert sorted((one.office_id is None, one.people, one.counted) for one in rows) == [(False, 1, 2), (True, 1, 2)]
    own = next(time for kind, time in times.items() if kind[0] == office.id)
    wide = next(time for kind, time in times.items() if kind[0] is None)
    assert 15 < wide.mean < own.mean < 40
    assert [kind[0] for kind in elsewhere] == [None]
    country.clock.advance(timedelta(days=91))
    assert measure_service_times(country) == 0


def test_tickets_are_measured_and_who_left_is_not(country):
    hall = a_hall(country, visits=1)
    for served in (True, False):
        number = hall.ticket()
        call_next(country, officer_id=hall.clerk, counter=1)
        hall.pass_by(5)
        end(country, officer_id=hall.clerk, ticket=number, served=served)
    assert measure_service_times(country) == 2
    with country.sessions() as session:
        assert set(session.scalars(select(ServiceTime.counted))) == {1}


def test_visits_for_several_services_say_nothing_of_the_first(country):
    hall = a_hall(country, visits=1)
    [first] = hall.visits
    with past_the_roles(country) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no guard looks
        session.execute(update(Request).values(service_count=2, units=2))
    hall.come(first)
    call_next(country, officer_id=hall.clerk, counter=1)
    hall.pass_by(40)
    serve(country, officer_id=hall.clerk, reference=first.reference)

    assert measure_service_times(country) == 0


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
