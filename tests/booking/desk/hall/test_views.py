"""How long everyone still waits, as each of them may see it."""

from dataclasses import replace
from datetime import time

import pytest

from booking.desk.counter.walk_ins import end
from booking.desk.hall import views
from booking.desk.hall.call import call_next
from booking.desk.hall.errors import NobodyAtCounterError
from booking.desk.hall.open_counters import close_counter, take_break
from booking.desk.hall.reckon import measure_service_times
from booking.desk.hall.views import halls, public_hall, wait_of_appointment, wait_of_number
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Office
from booking.scheduling.appointments.attend import serve
from tests.booking.desk.counter.visits import a_clerk
from tests.booking.desk.hall.halls import a_hall
from tests.support.country import an_account


@pytest.fixture
def hall(country):
    return a_hall(country, visits=3)


def wait_of(hall, place):
    visit = hall.visits[place]
    return wait_of_appointment(hall.core, visit.account_id, visit.reference)


def test_each_one_further_back_waits_longer_and_a_second_counter_shortens_it(hall):
    for visit in hall.visits:
        hall.come(visit)
    assert [wait_of(hall, place).at_most for place in range(3)] == [None] * 3  # no counter is open
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    assert (wait_of(hall, 0).counter, wait_of(hall, 0).at_most) == (1, 0)
    one = [wait_of(hall, place) for place in (1, 2)]
    assert 0 < one[0].at_least < one[1].at_least
    assert one[0].at_most < one[1].at_most
    assert all(each.at_least % 5 == each.at_most % 5 == 0 for each in one)
    hall.ticket()
    call_next(hall.core, officer_id=a_clerk(hall.core), counter=2)
    assert wait_of(hall, 2).at_most < one[1].at_most


def test_people_who_are_still_at_home_see_when_they_will_be_called(hall):
    hall.pass_by(-40)
    hall.ticket()
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    before = wait_of(hall, 0)
    assert (before.there, before.number) == (False, None)
    assert before.at_least >= 35  # not before their time


def test_a_break_makes_everybody_wait_longer_and_a_call_ends_it(hall):
    hall.come(hall.visits[0])
    with pytest.raises(NobodyAtCounterError):
        take_break(hall.core, officer_id=hall.clerk, counter=1, minutes=30)
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    hall.come(hall.visits[1])
    usual = wait_of(hall, 1).at_most
    take_break(hall.core, officer_id=hall.clerk, counter=1, minutes=90)
    assert wait_of(hall, 1).at_least >= 85 > usual
    close_counter(hall.core, officer_id=hall.clerk, counter=1)
    assert wait_of(hall, 1).at_most is None
    call_next(hall.core, officer_id=hall.clerk, counter=2)
    assert wait_of(hall, 1).counter == 2
    with pytest.raises(NobodyAtCounterError):
        close_counter(hall.core, officer_id=hall.clerk, counter=1)


def test_a_pause_that_is_due_comes_once_whoever_was_called_before_it_is_served(hall):
    for visit in hall.visits:
        hall.come(visit)
    hall.roster("day-early-pause")
    hall.wait_until(time(10, 58))
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    hall.wait_until(time(11, 2))
    assert wait_of(hall, 1).at_least >= 60
    serve(hall.core, officer_id=hall.clerk, reference=hall.visits[0].reference)
    call_next(hall.core, officer_id=hall.clerk, counter=1)  # so there is no pause now, and nobody knows when
    assert wait_of(hall, 2).at_most < 60


def test_who_came_for_tickets_lately_makes_those_wait_longer_whose_time_is_later(hall):
    hall.pass_by(-40)
    hall.ticket()
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    hall.pass_by(10)
    alone = wait_of(hall, 2).at_most
    for _ in range(6):
        end(hall.core, officer_id=hall.clerk, ticket=hall.ticket(), served=False)
    assert wait_of(hall, 2).at_most > alone

    hall.pass_by(1)  # as many come, whoever opens another counter
    close_counter(hall.core, officer_id=hall.clerk, counter=1)
    hall.ticket()
    call_next(hall.core, officer_id=a_clerk(hall.core), counter=2)
    assert wait_of(hall, 2).at_least > alone


def test_who_still_comes_for_a_ticket_waits_behind_those_who_have_one(country):
    hall = a_hall(country, visits=1, tickets=2)
    for _ in range(6):
        hall.ticket()
    call_next(hall.core, officer_id=hall.clerk, counter=1)

    waits = [wait for _, wait in hall.now.line]

    assert len({one.due_at for one, _ in hall.now.line}) > 1, "not all have a place in the same slot"
    assert max(wait.at_most for wait in waits) < 200  # six visits of a quarter of an hour at one counter


def test_everyone_finds_their_number_and_nobody_elses_name(hall):
    hall.come(hall.visits[0])
    ticket = hall.ticket()
    call_next(hall.core, officer_id=hall.clerk, counter=4)
    seen, elsewhere = public_hall(hall.core, "damascus"), public_hall(hall.core, "aleppo")
    assert wait_of_number(seen, 1).counter == 4
    assert wait_of_number(seen, ticket).at_most > 0
    for where, number in ((seen, 9), (elsewhere, ticket)):
        with pytest.raises(NotFoundError):
            wait_of_number(where, number)
    with pytest.raises(NotFoundError):
        public_hall(hall.core, "nowhere")
    assert elsewhere.line == []


def test_an_appointment_of_another_account_or_day_tells_nothing(hall):
    assert wait_of_appointment(hall.core, an_account(hall.core), hall.visits[0].reference) is None
    hall.pass_by(-60 * 24)
    assert wait_of(hall, 0) is None


def test_a_hall_at_which_many_look_at_once_is_reckoned_once(hall, monkeypatch):
    hall.come(hall.visits[0])
    reckoned, real = [], views.reckon

    def reckon(*args, **kwargs):
        reckoned.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(views, "reckon", reckon)
    office = hall.now.office.id
    reckoned.clear()
    *seen, nowhere = halls([(hall.core, office)] * 20 + [(hall.core, 0)])
    assert len(reckoned) == 1
    assert {id(one) for one in seen} == {id(seen[0])}
    assert isinstance(nowhere, Exception)


def test_a_visit_for_several_services_takes_as_long_as_all_of_them(hall):
    core, family = hall.core, hall.family()
    hall.come(family)
    (seen,) = [one for one, _ in hall.now.line if one.reference == family.reference]
    assert [(service.code, people) for service, people in seen.parts] == [("passport-renewal", 1), ("new-passport", 1)]
    call_next(core, officer_id=hall.clerk, counter=1)
    with core.sessions() as session:
        office, now, counters = session.get_one(Office, hall.now.office.id), core.clock.now(), hall.now.counters
        behind = [
            views.reckon(session, core, office, now=now, line=[first, seen], called=[], counters=counters).middle[1]
            for first in (replace(seen, parts=seen.parts[:1]), seen)
        ]
    assert behind[1] > 1.5 * behind[0] > 0
    hall.pass_by(50)
    serve(core, officer_id=hall.clerk, reference=family.reference)
    assert measure_service_times(core) == 0  # nobody knows how long each of them took
