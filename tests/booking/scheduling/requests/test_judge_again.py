"""A request that is taken while the register is away is judged again once it answers."""

import dataclasses
from datetime import timedelta

import pytest
from procrastinate.jobs import Job
from sqlalchemy import select

from booking.country.core.register import RegisterAwayError
from booking.country.places.rows import take
from booking.jobs import ONE_OFF
from booking.platform.base.errors import DrawRunningError
from booking.platform.models import Appointment, AppointmentPlaces, AuditEntry, Outcome, Request, SlotPool, Verdict
from booking.platform.models.states import AppointmentState, Pool, RequestState
from booking.scheduling.appointments.reserve import hold
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.judge_again import judge_again
from tests.booking.desk.helpers.helped import an_offer
from tests.booking.people.identity.conftest import Away
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number, pending_number
from tests.support.free_slots import free_slots
from tests.support.open_draws import open_a_draw

pytestmark = pytest.mark.neighbours


@pytest.fixture
def away(country):
    return dataclasses.replace(country, register=Away())


def asked(core, away, **person):
    account_id = an_account(core)
    member_id = a_member(core, account_id, **person)
    ask(away, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())
    with core.sessions() as session:
        return session.scalars(select(Request).where(Request.account_id == account_id)).one()


def verdicts(core, request):
    of_it = select(Verdict).where(Verdict.request_id == request.id)
    with core.sessions() as session:
        return session.scalars(of_it.order_by(Verdict.decided_at)).all()


def test_a_register_that_is_away_refuses_nobody_and_is_written_down(country, away):
    request = asked(country, away)

    assert request.state is RequestState.ACCEPTED
    [verdict] = verdicts(country, request)
    assert (verdict.degraded, verdict.inputs["register"]) == (True, "away")


def test_what_registers_rule_out_later_lapses_with_the_reasons(country, away, clock):
    request = asked(country, away, number=pending_number(country))
    with pytest.raises(RegisterAwayError):
        judge_again(away, request.id)
    clock.advance(timedelta(seconds=1))

    judge_again(country, request.id)

    with country.sessions() as session:
        assert session.get_one(Request, request.id).state is RequestState.LAPSED
    assert "hard.application_pending" in {reason["code"] for reason in verdicts(country, request)[-1].reasons}


def test_what_registers_do_not_rule_out_goes_on(country, away):
    request = asked(country, away)

    judge_again(country, request.id)

    with country.sessions() as session:
        assert session.get_one(Request, request.id).state is RequestState.ACCEPTED
    [verdict] = verdicts(country, request)
    assert verdict.inputs["register"] == "read_later"


@pytest.mark.alone
def test_a_closing_draw_counts_on_what_no_register_was_asked_about(country, away):
    open_a_draw(country, "D1")
    request = asked(country, away)
    country.clock.advance(timedelta(days=1))

    draws.close(country, "D1")

    with pytest.raises(DrawRunningError):
        judge_again(country, request.id)
    with country.sessions() as session:
        assert session.get_one(Request, request.id).draw_id is not None
        closed = session.scalars(select(AuditEntry).where(AuditEntry.action == "draw.closed")).one()
        assert (closed.details["requests"], closed.details["register_unread"]) == (1, 1)


@pytest.mark.parametrize(
    ("number", "confirmed", "state"),
    [
        (pending_number, False, RequestState.LAPSED),
        (pending_number, True, RequestState.DRAWN),
        (eligible_number, False, RequestState.DRAWN),
        (lambda _: "99000000001", False, RequestState.DRAWN),
    ],
    ids=["ruled out", "ruled out and confirmed", "eligible", "proven, and forgotten by the register since"],
)
def test_a_place_that_nobody_confirmed_goes_on_to_somebody_else(country, away, number, confirmed, state):
    request = asked(country, away, number=number(country))
    reference = an_offer(country, request.reference)
    with country.sessions.begin() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        slot = session.scalars(
            select(SlotPool.slot_id).where(SlotPool.pool == Pool.DRAW, SlotPool.taken == 0).limit(1)
        ).one()
        take(session, slot, Pool.DRAW, 1)
        appointment.places.append(AppointmentPlaces(slot_id=slot, pool=Pool.DRAW, places=1))
        if confirmed:
            appointment.state, appointment.confirmed_at = AppointmentState.CONFIRMED, country.clock.now()

    judge_again(country, request.id)

    with country.sessions() as session:
        assert session.get_one(Request, request.id).state is state
        kept = select(SlotPool.taken).where(SlotPool.slot_id == slot, SlotPool.pool == Pool.DRAW)
        assert session.scalar(kept) == (0 if state is RequestState.LAPSED else 1)
        given_up = select(Outcome.kind).where(Outcome.request_id == request.id)
        assert session.scalars(given_up).all() == []


def test_it_is_tried_for_as_long_as_the_register_is_away():
    retry, _ = ONE_OFF["judge_again"]
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="judge_again", attempts=10_000)

    assert retry.get_retry_decision(exception=RegisterAwayError(), job=job) is not None
    assert retry.get_retry_decision(exception=ValueError(), job=job) is None


def test_no_place_is_given_at_once_while_the_register_is_away(country, away):
    account_id = an_account(country)
    wish = a_wish((a_member(country, account_id),))
    slot = free_slots(country, days=0)[0]

    with pytest.raises(RegisterAwayError):
        hold(away, account_id=account_id, slot_id=slot.slot_id, wish=wish, origin=an_origin())
