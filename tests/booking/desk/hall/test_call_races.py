"""A party is changed only as it was read: who was served, or is gone, meanwhile does not come back into the line."""

from functools import partial
from threading import Event, Thread

import pytest
from sqlalchemy import select

from booking.desk.counter.arrive import undo_check_in
from booking.desk.counter.walk_ins import end
from booking.desk.hall import call as calling
from booking.desk.hall.call import call_next, put_back, put_first, send_on
from booking.desk.hall.errors import NobodyAtCounterError
from booking.desk.hall.open_counters import take_break
from booking.platform.base.errors import NotFoundError
from booking.platform.models import SlotPool, WalkIn
from booking.platform.models.states import AppointmentState, Pool, WalkInState
from booking.scheduling.appointments.attend import serve
from tests.booking.desk.counter.visits import a_clerk
from tests.booking.desk.hall.halls import a_hall
from tests.support.waiting import ended


@pytest.fixture
def hall(country):
    return a_hall(country)


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen, in a transaction of its own, after a hall was read and before it is changed."""

    def arrange(act):
        read, once = calling.read_hall, Event()

        def read_and_act(*args, **kwargs):
            found = read(*args, **kwargs)
            if not once.is_set():
                once.set()
                other = Thread(target=act)
                other.start()
                ended(other)
            return found

        monkeypatch.setattr(calling, "read_hall", read_and_act)

    return arrange


def the_ticket(hall):
    with hall.core.sessions() as session:
        taken = session.scalars(
            select(SlotPool.taken).join(WalkIn, WalkIn.slot_id == SlotPool.slot_id).where(SlotPool.pool == Pool.WALK_IN)
        ).one()
        return session.scalars(select(WalkIn.state)).one(), taken


@pytest.mark.parametrize("change", [put_back, partial(send_on, counter=2)], ids=["back", "send"])
@pytest.mark.parametrize("served", [True, False])
def test_a_ticket_that_ended_meanwhile_is_not_changed(hall, meanwhile, change, served):
    number = hall.ticket()
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    meanwhile(lambda: end(hall.core, officer_id=hall.clerk, ticket=number, served=served))
    with pytest.raises(NobodyAtCounterError):
        change(hall.core, officer_id=hall.clerk, number=number)
    state, taken = the_ticket(hall)
    assert state is (WalkInState.SERVED if served else WalkInState.GONE)
    assert (taken > 0) is served


def test_a_party_that_was_served_meanwhile_keeps_the_time_of_its_call(hall, meanwhile):
    number, reference = hall.come(hall.visits[0]), hall.visits[0].reference
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    meanwhile(lambda: serve(hall.core, officer_id=hall.clerk, reference=reference))
    with pytest.raises(NobodyAtCounterError):
        put_back(hall.core, officer_id=hall.clerk, number=number)
    assert (hall.visits[0].row.state, hall.visits[0].row.counter) == (AppointmentState.SERVED, 1)


def test_whose_check_in_was_undone_meanwhile_is_not_put_first(hall, meanwhile):
    number, reference = hall.come(hall.visits[0]), hall.visits[0].reference
    meanwhile(lambda: undo_check_in(hall.core, officer_id=hall.clerk, reference=reference))
    with pytest.raises(NotFoundError):
        put_first(hall.core, officer_id=hall.clerk, number=number, first=True)
    assert not hall.visits[0].row.priority


def test_sending_on_opens_no_counter_and_ends_nobodys_break(hall):
    for visit in hall.visits:
        hall.come(visit)
    colleague = a_clerk(hall.core)
    call_next(hall.core, officer_id=colleague, counter=2)
    serve(hall.core, officer_id=colleague, reference=hall.visits[0].reference)
    take_break(hall.core, officer_id=colleague, counter=2, minutes=20)
    call_next(hall.core, officer_id=hall.clerk, counter=1)
    with pytest.raises(NobodyAtCounterError):
        send_on(hall.core, officer_id=hall.clerk, number=2, counter=2)
    send_on(hall.core, officer_id=hall.clerk, number=2, counter=7)
    assert [(one.counter, one.account_id, one.back_at is None) for one in hall.now.counters] == [
        (1, hall.clerk, True),
        (2, colleague, False),
    ]


def test_a_clerk_who_calls_elsewhere_leaves_no_open_counter_behind(hall):
    for visit in hall.visits:
        hall.come(visit)
    call_next(hall.core, officer_id=hall.clerk, counter=12)  # a slip of the hand
    call_next(hall.core, officer_id=hall.clerk, counter=2)
    assert [one.counter for one in hall.now.counters] == [2]
    assert {one.counter for one in hall.now.called} == {2, 12}
