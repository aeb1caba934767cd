"""Tickets for people without an appointment: none twice, none left out, no place given twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from booking.desk.counter.errors import AppointmentTodayError, SecondTicketError, WalkInsFullError
from booking.desk.counter.walk_ins import add, end, walk_in_day
from booking.desk.hall.call import call_next
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models import AuditEntry, Slot, SlotPool, WalkIn
from booking.platform.models.states import Pool, WalkInState
from tests.booking.desk.counter.visits import a_clerk, a_visit
from tests.support.country import an_account, eligible_number
from tests.support.waiting import PATIENCE


@pytest.fixture
def clerk(country):
    return a_clerk(country)


def leave(core, clerk, places):
    """Leave so many places for walk-ins today, in the slot that runs or comes next."""
    view = walk_in_day(core, officer_id=clerk)
    today = select(Slot.id).where(Slot.office_id == view.office.id, Slot.local_day == view.day)
    coming = today.where(Slot.ends_at > core.clock.now()).order_by(Slot.starts_at)
    with core.sessions.begin() as session:
        first = session.scalars(coming.limit(1)).one()
        for slots, left in ((SlotPool.slot_id.in_(today), 0), (SlotPool.slot_id == first, places)):
            session.execute(update(SlotPool).where(slots, SlotPool.pool == Pool.WALK_IN).values(places=left))


def give(core, clerk, number=None, service="passport-renewal"):
    return add(core, officer_id=clerk, national_number=number or eligible_number(core), service=service)


def test_tickets_count_from_one_for_each_office_and_day(country, clerk):
    leave(country, clerk, 4)
    assert [give(country, clerk).ticket for _ in range(3)] == [1, 2, 3]
    assert give(country, a_clerk(country, office="aleppo")).ticket == 1
    assert walk_in_day(country, officer_id=clerk).free == 1
    country.clock.advance(timedelta(days=1))
    leave(country, clerk, 4)
    assert give(country, clerk).ticket == 1


def test_the_last_ticket_goes_to_one_person_and_refusals_use_no_number(country, clerk):
    leave(country, clerk, 3)
    together = Barrier(8, timeout=PATIENCE)

    def run(number):
        together.wait()
        try:
            return give(country, clerk, number).ticket
        except WalkInsFullError:
            return None

    with ThreadPoolExecutor(8) as threads:
        tickets = list(threads.map(run, [eligible_number(country) for _ in range(8)]))
    assert sorted(ticket for ticket in tickets if ticket) == [1, 2, 3]
    with country.sessions() as session:
        assert session.scalar(select(func.sum(SlotPool.taken)).where(SlotPool.pool == Pool.WALK_IN)) == 3


def test_a_person_gets_one_ticket_a_day_even_at_two_offices_at_once(country, clerk):
    leave(country, clerk, 8)
    number, other, together = eligible_number(country), a_clerk(country, office="aleppo"), Barrier(6, timeout=PATIENCE)

    def run(who):
        together.wait()
        try:
            return give(country, who, number).ticket
        except SecondTicketError:
            return None

    with ThreadPoolExecutor(6) as threads:
        tickets = [ticket for ticket in threads.map(run, [clerk, other] * 3) if ticket]
    assert tickets == [1]
    with country.sessions() as session:
        assert session.scalar(select(func.sum(SlotPool.taken)).where(SlotPool.pool == Pool.WALK_IN)) == 1
    before = len(walk_in_day(country, officer_id=clerk).tickets)
    assert give(country, clerk).ticket == before + 1


def test_a_person_with_an_appointment_today_is_checked_in_instead(country, clerk):
    number = eligible_number(country)
    visit = a_visit(country, number=number)
    country.clock.set(visit.starts_at)
    with pytest.raises(AppointmentTodayError) as refused:
        give(country, clerk, number)
    assert refused.value.reference == visit.reference


def test_the_national_number_is_checked_and_stored_only_as_a_hash(country, clerk):
    with pytest.raises(InvalidInputError) as refused:
        give(country, clerk, "12", service="no-such")
    assert [(one.field, one.reason) for one in refused.value.errors] == [
        ("national_number", "length"),
        ("service", "unknown_service"),
    ]
    leave(country, clerk, 1)
    number = eligible_number(country)
    give(country, clerk, number)
    with country.sessions() as session:
        ticket, entry = (
            session.scalars(select(WalkIn)).one(),
            session.scalars(select(AuditEntry).where(AuditEntry.action == "walk_in.added")).one(),
        )
        assert number.encode() not in ticket.person_hash
        assert (entry.subject, entry.details) == ("damascus", {"day": "2026-11-01", "ticket": 1})


def test_a_walk_in_who_left_frees_the_place_and_one_who_was_served_does_not(country, clerk):
    leave(country, clerk, 2)
    give(country, clerk)
    give(country, clerk)
    call_next(country, officer_id=clerk, counter=5)
    end(country, officer_id=clerk, ticket=1, served=True)
    with pytest.raises(IllegalMoveError):
        end(country, officer_id=clerk, ticket=2, served=True)  # was not called
    assert walk_in_day(country, officer_id=clerk).free == 0
    end(country, officer_id=clerk, ticket=2, served=False)
    assert walk_in_day(country, officer_id=clerk).free == 1
    for ticket, error in ((2, IllegalMoveError), (9, NotFoundError)):
        with pytest.raises(error):
            end(country, officer_id=clerk, ticket=ticket, served=False)
    assert give(country, clerk).ticket == 3
    states = [one.state for one in walk_in_day(country, officer_id=clerk).tickets]
    assert states == [WalkInState.SERVED, WalkInState.GONE, WalkInState.WAITING]


def test_only_counter_clerks_give_and_end_tickets(country, clerk):
    for act in (
        lambda who: give(country, who),
        lambda who: end(country, officer_id=who, ticket=1, served=True),
    ):
        with pytest.raises(ForbiddenError):
            act(an_account(country))
