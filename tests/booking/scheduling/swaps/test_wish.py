"""Wishing for another appointment: who may, what is refused, and what stays as it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import SwapWish
from booking.platform.models.states import AppointmentState, Pool
from booking.scheduling.swaps.errors import NotExchangedError
from booking.scheduling.swaps.views import own_swap
from booking.scheduling.swaps.wish import Choice, Kind, kinds, take_back, wish
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import any_time, wishes


def test_a_second_wish_replaces_the_first(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    wishes(world, holder, any_time("a", FIRST_DAY + 2 * DAY))
    with world.session() as session:
        (row,) = session.scalars(select(SwapWish)).all()
    assert [Choice.of(one) for one in row.choices] == [any_time("a", FIRST_DAY + 2 * DAY)]


def test_nobody_wishes_for_anybody_else(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    other = found(world, an_appointment(world, {days[1][0]: 1}, "a")).request.account_id
    choice = any_time("a", FIRST_DAY + DAY)
    for act in (
        lambda: wish(world.core, account_id=other, reference=holder, choices=[choice]),
        lambda: take_back(world.core, account_id=other, reference=holder),
        lambda: own_swap(world.core, account_id=other, reference=holder),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_only_confirmed_appointments_of_a_draw_take_part(world, days):
    offered = an_appointment(world, {days[0][0]: 1}, "a", state=AppointmentState.OFFERED)
    instant = world.slots("a", FIRST_DAY + 4 * DAY, {Pool.INSTANT: [2]})
    at_once = an_appointment(world, {instant[0]: 1}, "a", pool=Pool.INSTANT)
    near = an_appointment(world, {days[0][1]: 1}, "a")
    for reference in (offered, at_once):
        with pytest.raises(NotExchangedError):
            wishes(world, reference, any_time("a", FIRST_DAY + DAY))
    world.clock.set(found(world, near).starts_at - timedelta(hours=47))
    with pytest.raises(NotExchangedError):
        wishes(world, near, any_time("a", FIRST_DAY + 2 * DAY))


@pytest.mark.parametrize(
    ("choices", "reasons"),
    [
        ([], [("office_1", "no_office")]),
        ([Choice("nowhere", FIRST_DAY, FIRST_DAY)], [("office_1", "unknown_office")]),
        ([Choice("b", FIRST_DAY, FIRST_DAY)], [("office_1", "unknown_office")]),
        ([Choice("a", FIRST_DAY, FIRST_DAY - DAY)], [("last_1", "ends_before_it_begins")]),
        ([Choice("a", FIRST_DAY - 9 * DAY, FIRST_DAY - 8 * DAY)], [("last_1", "past_day")]),
        ([Choice("a", FIRST_DAY, FIRST_DAY + 31 * DAY)], [("last_1", "over_a_month")]),
        ([Choice("a", FIRST_DAY, FIRST_DAY, ("night",))], [("band_1", "unknown_band")]),
        ([Choice("a", FIRST_DAY, FIRST_DAY)] * 6, [("office_1", "too_many")]),
    ],
)
def test_what_cannot_be_wished_for_is_refused(world, days, choices, reasons):
    world.office("b", abroad=True)
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    with pytest.raises(InvalidInputError) as refused:
        wishes(world, holder, *choices)
    assert [(error.field, error.reason) for error in refused.value.errors] == reasons


def test_who_needs_step_free_access_is_offered_accessible_offices_only(world, days):
    world.office("step-free", accessible=True)
    slots = world.slots("step-free", FIRST_DAY, {Pool.ACCESSIBLE: [2]})
    holder = an_appointment(world, {slots[0]: 1}, "step-free", pool=Pool.ACCESSIBLE, accessible=True)
    with pytest.raises(InvalidInputError):
        wishes(world, holder, any_time("a", FIRST_DAY + DAY))
    wishes(world, holder, any_time("step-free", FIRST_DAY + DAY))


def test_choices_name_kinds_best_first():
    wanted = [Choice("a", FIRST_DAY, FIRST_DAY + DAY, ("midday",)), any_time("b", FIRST_DAY)]
    assert list(kinds(wanted, ["morning", "midday"], [Pool.DRAW])) == [
        Kind("a", FIRST_DAY, "midday", Pool.DRAW),
        Kind("a", FIRST_DAY + DAY, "midday", Pool.DRAW),
        Kind("b", FIRST_DAY, "morning", Pool.DRAW),
        Kind("b", FIRST_DAY, "midday", Pool.DRAW),
    ]
