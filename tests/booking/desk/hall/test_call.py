"""Calling: one line for appointments and tickets, nobody called twice, by law first, and all of it on the record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from booking.desk.counter.arrive import undo_check_in
from booking.desk.counter.walk_ins import end
from booking.desk.hall.call import CALLED_AGAIN_AFTER, call_next, put_back, put_first, send_on
from booking.desk.hall.errors import CounterBusyError, NobodyAtCounterError
from booking.platform.base.errors import FieldError, ForbiddenError, NotFoundError, OwnCaseError
from booking.platform.models import Appointment, AuditEntry
from booking.scheduling.appointments.attend import serve
from tests.booking.country.core.test_four_eyes import of_everybodys_household
from tests.booking.desk.counter.visits import a_clerk
from tests.booking.desk.hall.halls import a_hall
from tests.support.country import an_account
from tests.support.waiting import PATIENCE


@pytest.fixture
def hall(country):
    return a_hall(country)


def call(hall, counter=1):
    called = call_next(hall.core, officer_id=hall.clerk, counter=counter)
    return None if called is None else called.number


def numbers(hall):
    return [one.number for one, _ in hall.now.line if one.there]


def test_appointments_and_tickets_stand_in_one_line_by_when_they_are_due(hall):
    hall.pass_by(-20)
    late, early = hall.visits
    assert hall.come(early) == 1  # due at their time, twenty minutes from now
    assert hall.ticket() == 2  # due from now on
    hall.pass_by(40)
    assert hall.come(late) == 3  # twenty minutes after their time: due from now on
    assert numbers(hall) == [2, 1, 3]
    assert [call(hall, counter) for counter in (1, 2, 3)] == [2, 1, 3]
    assert call(hall, 4) is None
    hall.fill_the_half_hour()
    assert hall.ticket() == 4
    [(waits, _)] = hall.now.line
    assert waits.due_at == late.starts_at + timedelta(minutes=30)  # its own half hour, not from when it was given


def test_of_six_clerks_who_call_at_once_each_gets_another_party(country):
    hall = a_hall(country, visits=3)
    for visit in hall.visits:
        hall.come(visit)
    for _ in range(3):
        hall.ticket()
    together = Barrier(7, timeout=PATIENCE)

    def run(counter):
        together.wait()
        return call(hall, counter)

    with ThreadPoolExecutor(7) as threads:
        called = list(threads.map(run, range(1, 8)))
    assert sorted(number or 0 for number in called) == [0, 1, 2, 3, 4, 5, 6]
    assert {(one.number, one.counter) for one in hall.now.called} == {
        (number, counter) for counter, number in enumerate(called, 1) if number
    }


def test_a_counter_calls_nobody_while_somebody_is_there(hall):
    first = hall.come(hall.visits[0])
    hall.come(hall.visits[1])
    call(hall)
    with pytest.raises(CounterBusyError) as refused:
        call(hall)
    assert refused.value.number == first
    serve(hall.core, officer_id=hall.clerk, reference=hall.visits[0].reference)
    assert call(hall) == 2


def test_who_goes_first_by_law_is_called_before_others_once_it_is_their_turn(hall):
    hall.pass_by(-30)
    for visit in hall.visits:
        hall.come(visit)
    hall.ticket()
    put_first(hall.core, officer_id=hall.clerk, number=2, first=True)
    assert numbers(hall) == [3, 1, 2]  # it is not their turn yet
    hall.pass_by(30)
    assert numbers(hall) == [2, 3, 1]
    put_first(hall.core, officer_id=hall.clerk, number=2, first=False)
    assert numbers(hall) == [3, 1, 2]
    with pytest.raises(NotFoundError):
        put_first(hall.core, officer_id=hall.clerk, number=9, first=True)


def test_nobody_puts_their_own_household_first(hall):
    hall.come(hall.visits[0])
    of_everybodys_household(hall.core, hall.clerk)
    with pytest.raises(OwnCaseError):
        put_first(hall.core, officer_id=hall.clerk, number=1, first=True)
    assert not hall.visits[0].row.priority


def test_who_did_not_come_to_the_counter_is_called_again_after_some_minutes(hall):
    for visit in hall.visits:
        hall.come(visit)
    assert call(hall) == 1
    put_back(hall.core, officer_id=hall.clerk, number=1)
    assert call(hall) == 2
    assert call(hall, 2) == 1  # nobody else waits, so they are called at once
    put_back(hall.core, officer_id=hall.clerk, number=1)
    third = hall.ticket()
    assert call(hall, 2) == third
    hall.pass_by(CALLED_AGAIN_AFTER / timedelta(minutes=1))
    assert call(hall, 3) == 1
    with pytest.raises(NobodyAtCounterError):
        put_back(hall.core, officer_id=hall.clerk, number=7)


def test_a_called_party_goes_on_to_a_free_counter_and_its_time_goes_on(hall):
    for visit in hall.visits:
        hall.come(visit)
    call(hall, 1)
    call(hall, 2)
    began = hall.visits[0].row.called_at
    hall.pass_by(3)
    with pytest.raises(CounterBusyError):
        send_on(hall.core, officer_id=hall.clerk, number=1, counter=2)
    send_on(hall.core, officer_id=hall.clerk, number=1, counter=3)
    assert (hall.visits[0].row.counter, hall.visits[0].row.called_at) == (3, began)


def test_a_check_in_that_is_undone_leaves_the_hall_and_its_number_is_not_given_again(hall):
    assert hall.come(hall.visits[0]) == 1
    call(hall)
    undo_check_in(hall.core, officer_id=hall.clerk, reference=hall.visits[0].reference)
    row = hall.visits[0].row
    assert (row.hall_number, row.counter, row.called_at) == (None, None, None)
    assert call(hall) is None
    assert hall.come(hall.visits[0]) == 2


def test_whom_an_older_process_checked_in_gets_a_number_when_called(hall):
    hall.come(hall.visits[0])
    with hall.core.sessions.begin() as session:
        session.execute(update(Appointment).values(hall_number=None))
    assert call(hall) is None or hall.visits[0].row.hall_number == 2
    assert hall.visits[0].row.counter == 1


def test_each_change_of_the_line_is_on_the_record_and_names_nobody(hall):
    hall.come(hall.visits[0])
    hall.ticket()
    put_first(hall.core, officer_id=hall.clerk, number=2, first=True)
    call(hall)
    end(hall.core, officer_id=hall.clerk, ticket=2, served=True)
    call(hall)
    with hall.core.sessions() as session:
        kept = session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.details)
            .where(AuditEntry.action.like("hall.%"))
            .order_by(AuditEntry.sequence)
        ).all()
    where = {"day": kept[0].details["day"], "office": "damascus"}
    assert [tuple(one) for one in kept] == [
        ("hall.put_first", "damascus", where),  # who did it, and not of whom
        ("hall.called", "damascus", where | {"number": 2, "counter": 1}),
        ("hall.called", hall.visits[0].reference, where | {"number": 1, "counter": 1}),
    ]


def test_only_clerks_of_the_office_call_and_only_to_real_counters(hall):
    hall.come(hall.visits[0])
    assert call_next(hall.core, officer_id=a_clerk(hall.core, office="aleppo"), counter=1) is None
    stranger = an_account(hall.core)
    for act in (
        lambda: call_next(hall.core, officer_id=stranger, counter=1),
        lambda: put_back(hall.core, officer_id=stranger, number=1),
        lambda: put_first(hall.core, officer_id=stranger, number=1, first=True),
        lambda: send_on(hall.core, officer_id=stranger, number=1, counter=2),
    ):
        with pytest.raises(ForbiddenError):
            act()
    for counter in (0, 201):
        with pytest.raises(FieldError):
            call(hall, counter)
