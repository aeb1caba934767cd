"""Tickets for people without an appointment: none twice, none left out, no place given twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from booking.antifraud.gate.learned_rows import gate_rows
from booking.desk.counter.arrive import Finding, check_in
from booking.desk.counter.errors import (
    AppointmentTodayError,
    SecondTicketError,
    TooLateToCorrectError,
    WalkInsFullError,
)
from booking.desk.counter.walk_ins import add, correct, end, end_open_visits, lapse_tickets, leave_unserved, walk_in_day
from booking.desk.hall.call import call_next
from booking.platform.base.errors import FieldError, ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models import (
    AuditEntry,
    Label,
    Message,
    Outcome,
    OutcomeCorrection,
    Request,
    Slot,
    SlotPool,
    WalkIn,
)
from booking.platform.models.states import AppointmentState, Pool, RequestState, WalkInState
from booking.scheduling.appointments.attend import miss_after_closing, serve
from tests.booking.desk.counter.visits import a_clerk, a_supervisor, a_visit
from tests.support.country import an_account, eligible_number
from tests.support.roles import past_the_roles
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


DAY = timedelta(days=1)


@pytest.fixture
def supervisor(country):
    return a_supervisor(country)


@pytest.fixture
def missed(country):
    """Nobody came, on a Wednesday."""
    visit = a_visit(country)
    country.clock.set(visit.starts_at + timedelta(hours=9))
    assert miss_after_closing(country) == 1
    return visit


def put_right(core, officer, visit, *, came=True, reason="stood in the wrong line"):
    correct(core, officer_id=officer, reference=visit.reference, came=came, reason=reason)


def known(core):
    as_of = core.clock.now() + timedelta(seconds=1)
    with core.sessions() as session:
        return gate_rows(session, since=as_of - 99 * DAY, as_of=as_of)["label"].tolist()


def test_a_no_show_can_be_corrected_to_served_without_losing_the_first_outcome(country, missed, supervisor):
    country.clock.advance(timedelta(hours=1))
    put_right(country, supervisor, missed)

    assert missed.row.state is AppointmentState.SERVED
    assert missed.row.request.state is RequestState.COMPLETED
    with country.sessions() as session:
        assert session.scalars(select(Outcome.kind)).all() == [AppointmentState.NO_SHOW]
        (kept,) = session.scalars(select(OutcomeCorrection)).all()
        assert (kept.kind, kept.at, kept.account_id) == (AppointmentState.SERVED, country.clock.now(), supervisor)
        assert session.scalars(select(Label.value).order_by(Label.known_at)).all() == [True, False]
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action.like("appointment.corrected%"))).all()
        assert entry.details == {"reason": "stood in the wrong line"}
        told = select(Message.account_id).where(Message.kind == "attendance_corrected")
        assert session.scalars(told).all() == [missed.account_id]
    assert known(country) == [False]


def test_a_visit_marked_served_by_mistake_no_longer_trains_models(country, supervisor):
    visit, clerk = a_visit(country), a_clerk(country)
    country.clock.set(visit.starts_at)
    check_in(country, officer_id=clerk, reference=visit.reference)
    serve(country, officer_id=clerk, reference=visit.reference)
    assert known(country) == [False]
    country.clock.advance(timedelta(minutes=1))
    put_right(country, supervisor, visit, came=False)
    assert visit.row.request.state is RequestState.LAPSED
    assert known(country) == [None]


def test_an_outcome_can_be_corrected_until_the_next_open_day_ends(country, missed, supervisor):
    country.clock.advance(DAY)
    put_right(country, supervisor, missed)
    country.clock.advance(DAY)
    with pytest.raises(TooLateToCorrectError):
        put_right(country, supervisor, missed, came=False)


def test_a_weekend_does_not_count_as_the_next_open_day(country, supervisor):
    visit = a_visit(country, days=4)  # a Thursday
    country.clock.set(visit.starts_at + timedelta(hours=9))
    miss_after_closing(country)
    country.clock.advance(3 * DAY)  # Sunday
    put_right(country, supervisor, visit)
    assert visit.row.state is AppointmentState.SERVED


def test_a_correction_needs_the_supervisor_a_reason_and_another_outcome(country, missed, supervisor):
    for who in (a_clerk(country), a_supervisor(country, office="aleppo")):
        with pytest.raises(ForbiddenError):
            put_right(country, who, missed)
    for reason in (" ", "x" * 501):
        with pytest.raises(FieldError):
            put_right(country, supervisor, missed, reason=reason)
    with pytest.raises(IllegalMoveError):
        put_right(country, supervisor, missed, came=False)
    coming = a_visit(country)
    with pytest.raises(IllegalMoveError):
        put_right(country, supervisor, coming)
    assert missed.row.state is AppointmentState.NO_SHOW


@pytest.mark.parametrize(
    "statement",
    ["UPDATE outcome_correction SET kind = 'no_show'", "DELETE FROM outcome_correction", "TRUNCATE outcome_correction"],
)
def test_corrections_are_never_changed_or_removed(country, missed, supervisor, statement):
    put_right(country, supervisor, missed)
    with pytest.raises(DBAPIError, match="never changed or removed"), past_the_roles(country) as session:
        session.execute(text(statement))


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
