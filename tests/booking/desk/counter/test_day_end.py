"""The day is over: who was there is never counted as missing, and no ticket waits for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.desk.counter.arrive import Finding, check_in
from booking.desk.counter.walk_ins import add, end_open_visits, lapse_tickets, leave_unserved, walk_in_day
from booking.desk.hall.call import call_next
from booking.platform.base.errors import ForbiddenError, IllegalMoveError
from booking.platform.models import Label, Message, Outcome, Request, Slot, SlotPool, WalkIn
from booking.platform.models.states import AppointmentState, Pool, RequestState, WalkInState
from booking.scheduling.appointments.attend import miss_after_closing, serve
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import eligible_number


@pytest.fixture
def here(country):
    """A party that stands at the counter, and the clerk."""
    clerk, visit = a_clerk(country), a_visit(country)
    country.clock.set(visit.starts_at)
    assert check_in(country, officer_id=clerk, reference=visit.reference).finding is Finding.ADMITTED
    return clerk, visit


def nothing_is_held_against_them(core):
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Outcome)) == 0
        assert session.scalar(select(func.count()).select_from(Label)) == 0


def told(core, kind):
    with core.sessions() as session:
        return session.scalars(select(Message.values["reference"].astext).where(Message.kind == kind)).all()


def test_a_person_left_unserved_is_in_the_next_draw_with_priority(country, here):
    clerk, visit = here
    again = leave_unserved(country, officer_id=clerk, reference=visit.reference)

    assert visit.row.state is AppointmentState.UNSERVED
    with country.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == again)).one()
        assert (request.state, request.lost_draws, request.reschedules) == (RequestState.ACCEPTED, 1, 0)
    assert told(country, "left_unserved") == [again]
    nothing_is_held_against_them(country)
    assert check_in(country, officer_id=clerk, reference=visit.reference).finding is Finding.UNSERVED
    for act in (leave_unserved, serve):
        with pytest.raises(IllegalMoveError):
            act(country, officer_id=clerk, reference=visit.reference)


def test_only_clerks_of_the_office_leave_checked_in_people_unserved(country, here):
    _, visit = here
    with pytest.raises(ForbiddenError):
        leave_unserved(country, officer_id=a_clerk(country, office="aleppo"), reference=visit.reference)
    other = a_visit(country)
    with pytest.raises(IllegalMoveError):
        leave_unserved(country, officer_id=here[0], reference=other.reference)


def next_working_day(core, visit):
    """The end of the office's next day with slots, and the one before it."""
    with core.sessions() as session:
        day = session.scalar(
            select(Slot.local_day).where(Slot.office_id == visit.row.office_id, Slot.starts_at == visit.starts_at)
        )
        ends = session.execute(
            select(Slot.local_day, func.max(Slot.ends_at))
            .where(Slot.office_id == visit.row.office_id, Slot.local_day >= day)
            .group_by(Slot.local_day)
            .order_by(Slot.local_day)
            .limit(2)
        ).all()
        return ends[0][1], ends[1][1]


def test_an_open_visit_ends_unserved_after_the_next_working_day(country, here):
    clerk, visit = here
    served = a_visit(country)
    country.clock.set(max(country.clock.now(), served.starts_at))
    check_in(country, officer_id=clerk, reference=served.reference, accept_late=True)
    today, tomorrow = next_working_day(country, visit)
    country.clock.set(today + timedelta(minutes=1))
    assert (miss_after_closing(country), end_open_visits(country)) == (0, 0)
    country.clock.set(tomorrow - timedelta(seconds=1))
    assert end_open_visits(country) == 0
    serve(country, officer_id=clerk, reference=served.reference)  # the clerk remembers in time
    country.clock.set(tomorrow)

    assert (end_open_visits(country), end_open_visits(country)) == (1, 0)

    assert (visit.row.state, visit.row.request.state) == (AppointmentState.UNSERVED, RequestState.LAPSED)
    assert served.row.state is AppointmentState.SERVED
    assert told(country, "visit_left_open") == [visit.reference]
    assert told(country, "appointment_missed") == []
    with country.sessions() as session:
        assert session.scalars(select(Outcome.kind)).all() == [AppointmentState.SERVED]


def test_tickets_lapse_at_the_end_of_the_day_without_an_outcome(country):
    clerk = a_clerk(country)
    office = walk_in_day(country, officer_id=clerk).office
    with country.sessions.begin() as session:
        slots = select(Slot.id).where(Slot.office_id == office.id, Slot.local_day == country.today())
        session.execute(
            update(SlotPool).where(SlotPool.slot_id.in_(slots), SlotPool.pool == Pool.WALK_IN).values(places=3)
        )
        closing = session.scalar(
            select(func.max(Slot.ends_at)).where(Slot.office_id == office.id, Slot.local_day == country.today())
        )
    for _ in range(3):
        add(country, officer_id=clerk, national_number=eligible_number(country), service="passport-renewal")
    call_next(country, officer_id=clerk, counter=1)
    country.clock.set(closing - timedelta(seconds=1))
    assert lapse_tickets(country) == 0
    country.clock.set(closing)

    assert (lapse_tickets(country), lapse_tickets(country)) == (3, 0)

    with country.sessions() as session:
        assert set(session.scalars(select(WalkIn.state))) == {WalkInState.LAPSED}
    assert call_next(country, officer_id=clerk, counter=1) is None
    nothing_is_held_against_them(country)
