"""An insider with a shell puts other places or other people behind the numbers of a closed night: it is not decided."""

from contextlib import contextmanager
from copy import deepcopy

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from booking.platform.models import SwapEntry, SwapNight
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.errors import DamagedNightError
from tests.booking.desk.counter.closed_days import DAY, an_appointment, found
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import any_time, closed, day_of, wishes


def another_day(session, night, days):
    """The free places of the second day become one of the third, for which nobody asked."""
    for kind in night.places["markets"][0]["kinds"]:
        if (FIRST_DAY + DAY).isoformat() in kind["name"]:
            kind["free"] = [[[days[2][0], 1]] for _ in kind["free"]]


def another_name(session, night, days):
    for kind in night.places["markets"][0]["kinds"]:
        kind["name"] = kind["name"].replace((FIRST_DAY + DAY).isoformat(), (FIRST_DAY + 2 * DAY).isoformat())


def one_place_more(session, night, days):
    night.places["markets"][0]["kinds"][0]["free"].append([[days[2][0], 1]])


def one_place_twice(session, night, days):
    """A free place stands for another one of its kind, whose taker would stay where they are."""
    for kind in night.places["markets"][0]["kinds"]:
        kind["free"] = kind["free"][:1] * len(kind["free"])


def no_binding(session, night, days):
    for kind in night.places["markets"][0]["kinds"]:
        kind["free"].reverse()
        del kind["pepper"]


def another_person(session, night, days):
    first, second = session.scalars(select(SwapEntry).order_by(SwapEntry.number))
    pair = {first.number: second.appointment_id, second.number: first.appointment_id}
    for number, appointment_id in pair.items():
        session.execute(update(SwapEntry).where(SwapEntry.number == number).values(appointment_id=appointment_id))


def test_a_night_behind_whose_numbers_somebody_put_others_is_not_decided(world, days):
    holders = [an_appointment(world, {days[0][one]: 1}, "a") for one in (0, 1)]
    for one in holders:
        wishes(world, one, any_time("a", FIRST_DAY + DAY))
    closed(world)
    for change in (another_day, another_name, one_place_more, one_place_twice, no_binding, another_person):
        with changed(world, days, change), pytest.raises(DamagedNightError):
            decide(world.core, "x-1")
        assert [day_of(world, one) for one in holders] == [FIRST_DAY, FIRST_DAY], change
    assert found(world, holders[0]).places[0].slot_id == days[0][0]
    assert decide(world.core, "x-1").figures["moved"] == len(holders)


@contextmanager
def changed(world, days, change):
    """A change of a closed night, and back again; that of the two people is its own way back."""
    with world.core.sessions.begin() as session:
        night = session.scalars(select(SwapNight)).one()
        before = deepcopy(night.places)
        change(session, night, days)
        flag_modified(night, "places")
    yield
    with world.core.sessions.begin() as session:
        night = session.scalars(select(SwapNight)).one()
        if night.places == before:
            change(session, night, days)
        night.places = before
