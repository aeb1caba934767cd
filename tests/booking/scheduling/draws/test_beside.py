"""Slices: each number is in one, a lock that was not given repeats one alone, and an error ends the rest."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from booking.platform.base.references import new_reference
from booking.platform.models import Appointment, DrawOutcome, Message, Request, SlotPool
from booking.platform.models.states import AppointmentState, DrawState, RequestState
from booking.scheduling.draws import apply, beside, drawing
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.beside import in_slices, tried_again


def test_every_number_is_in_one_slice_and_progress_rises_to_all():
    done, told = Counter(), []

    in_slices(lambda first, last: done.update(range(first, last + 1)), 3, 12, 4, tell=told.append)

    assert done == Counter(range(3, 13))
    assert told == [4, 8, 10]
    in_slices(lambda *_: pytest.fail("nothing is to be done"), 0, -1, 4)


def test_after_an_error_no_other_slice_is_begun(monkeypatch):
    monkeypatch.setattr(beside, "BESIDE", 1)
    begun = []

    def work(first, _):
        begun.append(first)
        if first == 2:
            raise LookupError

    with pytest.raises(LookupError):
        in_slices(work, 0, 99, 2)
    assert begun == [0, 2]


@pytest.mark.parametrize("error", [LockNotAvailable, DeadlockDetected])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_slice_that_waited_in_vain_is_done_again(error, wrapped):
    left = [OperationalError("", {}, error()) if wrapped else error()] * 2

    def work(word):
        if left:
            raise left.pop()
        done.append(word)

    done = []
    tried_again(work, "all")
    assert done == ["all"]


def test_a_slice_is_not_tried_for_ever_nor_after_another_error():
    tried = []

    def work(error):
        tried.append(error)
        raise OperationalError("", {}, error)

    with pytest.raises(OperationalError):
        tried_again(work, LockNotAvailable())
    assert len(tried) == beside.TRIES
    with pytest.raises(OperationalError):
        tried_again(work, RuntimeError())
    assert len(tried) == beside.TRIES + 1


def test_a_request_that_somebody_holds_delays_its_slice_alone(world, office, monkeypatch):
    office(2, 2)
    asked = [world.ask("a") for _ in range(4)]
    world.closed()
    monkeypatch.setattr(apply, "_AT_ONCE", 1)
    monkeypatch.setattr(apply, "patient", lambda session: session.execute(text("SET LOCAL lock_timeout = '20ms'")))
    real, tried = apply._give_out, Counter()
    holder = world.session()
    held = holder.scalars(select(Request).order_by(Request.id).limit(1).with_for_update(of=Request)).one()

    def give_out(core, draw, now, first, last):
        tried[first] += 1
        if tried[first] == 3:
            holder.rollback()
        real(core, draw, now, first, last)

    monkeypatch.setattr(apply, "_give_out", give_out)
    draws.run(world.core, "d1")

    assert sorted(tried.values()) == [1, 1, 1, 3]
    assert set(world.states(asked)) == {RequestState.DRAWN}
    assert world.appointment_of(held.reference) is not None


def test_two_processes_give_a_result_out_once(world, office, monkeypatch):
    office(2, 2)
    asked = [world.ask("a") for _ in range(6)]
    world.closed()
    monkeypatch.setattr(apply, "_AT_ONCE", 1)
    with monkeypatch.context() as until:
        until.setattr(drawing, "apply", Mock(side_effect=LookupError))
        with pytest.raises(LookupError):
            draws.run(world.core, "d1")

    with ThreadPoolExecutor(2) as processes:
        drawn = list(processes.map(lambda _: draws.run(world.core, "d1"), range(2)))

    assert {draw.state for draw in drawn} == {DrawState.DRAWN}
    assert Counter(world.states(asked)) == {RequestState.DRAWN: 4, RequestState.CARRIED_OVER: 2}
    with world.session() as session:
        told = Counter(session.scalars(select(Message.kind)))
        taken = session.scalar(select(func.sum(SlotPool.taken)))
    assert told == {"request_drawn": 4, "request_carried_over": 2}
    assert taken == 4


def test_a_leaf_that_the_database_refuses_keeps_nobody_else_from_their_result(world, office):
    office(2, 2)
    asked = [world.ask("a", lost=1), *(world.ask("a") for _ in range(5))]  # the first one gets a place
    world.closed()
    stray = appointment_beside(world, asked[0])

    for _ in range(2):
        with pytest.raises(IntegrityError):
            draws.run(world.core, "d1")
        assert Counter(world.states(asked[1:])).keys() == {RequestState.DRAWN, RequestState.CARRIED_OVER}
        assert world.request(asked[0]).state is RequestState.ACCEPTED
    with world.core.sessions.begin() as session:
        session.get_one(Appointment, stray).state = AppointmentState.CANCELLED

    assert draws.run(world.core, "d1").state is DrawState.DRAWN
    assert Counter(world.states(asked)) == {RequestState.DRAWN: 4, RequestState.CARRIED_OVER: 2}
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == len(asked)


def test_a_refusal_of_every_leaf_is_not_looked_for_leaf_by_leaf(world, office, monkeypatch):
    office(4, 4, 4, 4)
    for _ in range(16):
        world.ask("a")
    world.closed()
    tried = Mock(side_effect=IntegrityError("", {}, Exception()))
    monkeypatch.setattr(apply, "_give_out", tried)

    with pytest.raises(IntegrityError):
        draws.run(world.core, "d1")
    assert tried.call_count < 2 * 16 - 1


def test_a_reference_that_was_given_away_meanwhile_is_not_given_twice(world, office, monkeypatch):
    office(1)
    asked = world.ask("a")
    world.closed()
    with monkeypatch.context() as until:
        until.setattr(drawing, "apply", Mock(side_effect=LookupError))
        with pytest.raises(LookupError):
            draws.run(world.core, "d1")
    with world.session() as session:
        reference = session.scalars(select(DrawOutcome.reference)).one()
    world.ask("a")
    (other,) = (one.reference for one in world.requests() if one.reference != asked)
    appointment_beside(world, other, reference=reference)

    assert draws.run(world.core, "d1").state is DrawState.DRAWN
    assert world.appointment_of(asked).reference != reference


def appointment_beside(world, asked, **more):
    """Give a request an appointment that no draw gave; return its key."""
    with world.core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == asked)).one()
        now = world.clock.now()
        times = dict.fromkeys(("starts_at", "ends_at", "confirm_by", "created_at"), now)
        office_id = request.offices[0].office_id
        appointment = Appointment(
            **{"reference": new_reference()} | more, request_id=request.id, office_id=office_id, **times
        )
        session.add(appointment)
        session.flush()
        return appointment.id
