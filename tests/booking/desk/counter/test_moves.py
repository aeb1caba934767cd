"""A person who was moved by a closing may refuse the new time, once and in time."""

import pytest
from sqlalchemy import func, select

from booking.desk.counter.closing_views import open_move
from booking.desk.counter.moves import refuse_move
from booking.platform.base.errors import IllegalMoveError, OfferLapsedError
from booking.platform.models import SlotPool
from booking.platform.models.states import RequestState
from tests.booking.desk.counter.closed_days import an_appointment, carry_out, check_places, found
from tests.booking.scheduling.draws.world import FIRST_DAY


def test_a_move_can_be_refused_in_time_and_gives_priority(world, two_days):
    first, second, officer = two_days
    one, other = (an_appointment(world, {first[0]: 1}, "a", lost=2) for _ in range(2))
    carry_out(world, officer)
    account = found(world, one).request.account_id
    move = open_move(world.core, account_id=account, reference=one)
    assert (move.from_office.code, move.from_starts_at.date()) == ("a", FIRST_DAY)

    again = refuse_move(world.core, account_id=account, reference=one)

    assert (world.request(again).state, world.request(again).lost_draws) == (RequestState.ACCEPTED, 3)
    with pytest.raises(IllegalMoveError):
        refuse_move(world.core, account_id=account, reference=one)
    world.clock.set(move.refuse_by)
    with pytest.raises(OfferLapsedError):
        refuse_move(world.core, account_id=found(world, other).request.account_id, reference=other)
    check_places(world)
    with world.session() as session:
        assert session.scalar(select(func.sum(SlotPool.taken)).where(SlotPool.slot_id.in_(second))) == 1


def test_an_appointment_that_never_moved_cannot_be_refused(world, two_days):
    reference = an_appointment(world, {two_days[0][0]: 1}, "a")
    with pytest.raises(IllegalMoveError):
        refuse_move(world.core, account_id=found(world, reference).request.account_id, reference=reference)
