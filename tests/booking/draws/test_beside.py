"""Slices: each number is in one, a lock that was not given repeats one alone, and an error ends the rest."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from booking.draws import apply, beside, drawing
from booking.draws import draw as draws
from booking.draws.beside import in_slices, tried_again
from booking.models import Message, Request, SlotPool
from booking.models.states import DrawState, RequestState


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
        told = session.scalars(select(Message.kind).order_by(Message.created_at)).all()
        taken = session.scalar(select(func.sum(SlotPool.taken)))
    assert told == ["request_drawn"] * 4 + ["request_carried_over"] * 2
    assert taken == 4
