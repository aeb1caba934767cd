"""A night of the exchange in the database: who moves, who keeps what, and what races with it."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from booking.country.places.rows import take
from booking.desk.counter.closing import ask_to_close
from booking.platform.base.errors import DrawRunningError
from booking.platform.models import Office, SlotPool, SwapNight, SwapOutcome, SwapState
from booking.platform.models.states import AppointmentState, Pool
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.swaps.decide import decide
from booking.scheduling.swaps.errors import DamagedNightError, LateNightError, NightRunningError
from booking.scheduling.swaps.files import night_files
from booking.scheduling.swaps.nights import abandon, close
from booking.scheduling.swaps.wish import take_back
from tests.booking.desk.counter.closed_days import DAY, an_appointment, check_places, found, staff, told
from tests.booking.scheduling.draws.world import FIRST_DAY
from tests.booking.scheduling.swaps.nights import (
    a_night,
    announced,
    any_time,
    closed,
    day_of,
    outcomes,
    waiting,
    wishes,
)

FIRST, SECOND, THIRD = FIRST_DAY, FIRST_DAY + DAY, FIRST_DAY + 2 * DAY


def test_two_who_want_each_others_day_get_it_and_are_told(world, days):
    early, late = an_appointment(world, {days[0][0]: 2}, "a"), an_appointment(world, {days[1][0]: 2}, "a")
    wishes(world, early, any_time("a", SECOND, bands=["morning"]))
    wishes(world, late, any_time("a", FIRST))
    before = found(world, early).reference
    night = a_night(world)

    assert (day_of(world, early), day_of(world, late)) == (SECOND, FIRST)
    assert night.state is SwapState.DONE
    assert night.figures == {"holders": 2, "moved": 2, "first_wish": 2, "left": 0}
    assert told(world, early) == told(world, late) == ["exchanged"]
    assert found(world, early).state is AppointmentState.CONFIRMED
    assert found(world, early).reference == before
    assert waiting(world) == set()
    check_places(world)


def test_a_free_place_is_taken_and_the_one_left_is_free_for_the_next_draw(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", THIRD), any_time("a", SECOND))
    a_night(world)
    assert day_of(world, holder) == THIRD
    check_places(world)


def test_who_gets_nothing_keeps_the_place_and_waits_for_the_next_night(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    full = an_appointment(world, {days[1][0]: 2, days[1][1]: 2}, "a")
    wishes(world, holder, any_time("a", SECOND))
    a_night(world)
    assert (day_of(world, holder), outcomes(world, holder)) == (FIRST, [SwapOutcome.KEPT])
    assert waiting(world) == {found(world, holder).id}
    assert told(world, holder) == []

    cancel(world.core, account_id=found(world, full).request.account_id, reference=full)
    a_night(world, "x-2")
    assert day_of(world, holder) == SECOND
    check_places(world)


def test_places_of_other_sizes_are_not_exchanged(world, days):
    family = an_appointment(world, {days[0][0]: 2, days[0][1]: 2}, "a")
    single = an_appointment(world, {days[1][0]: 1}, "a")
    with world.core.sessions.begin() as session:
        for slot in (days[1][0], days[1][1]):
            take(session, slot, Pool.DRAW, 1)
    wishes(world, family, any_time("a", SECOND))
    wishes(world, single, any_time("a", FIRST))
    a_night(world)
    assert (day_of(world, family), day_of(world, single)) == (FIRST, SECOND)


def test_a_night_counts_on_wishes_until_it_is_decided(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    account = found(world, holder).request.account_id
    wishes(world, holder, any_time("a", SECOND))
    closed(world)
    with pytest.raises(NightRunningError):
        wishes(world, holder, any_time("a", THIRD))
    with pytest.raises(NightRunningError):
        take_back(world.core, account_id=account, reference=holder)
    decide(world.core, "x-1")
    wishes(world, holder, any_time("a", THIRD))
    take_back(world.core, account_id=account, reference=holder)
    assert waiting(world) == set()


def test_who_cancels_while_a_night_waits_harms_nobody(world, days):
    """The place of who left is free, so who was to get it gets it; theirs is free then."""
    first, second = an_appointment(world, {days[0][0]: 2}, "a"), an_appointment(world, {days[1][0]: 2}, "a")
    wishes(world, first, any_time("a", SECOND, bands=["morning"]))
    wishes(world, second, any_time("a", FIRST, bands=["morning"]))
    closed(world)
    cancel(world.core, account_id=found(world, second).request.account_id, reference=second)
    decide(world.core, "x-1")
    assert (day_of(world, first), outcomes(world, first)) == (SECOND, [SwapOutcome.MOVED])
    assert outcomes(world, second) == [SwapOutcome.LEFT]
    assert told(world, second) == ["appointment_cancelled"]
    check_places(world)


def test_a_place_that_is_gone_leaves_the_whole_chain_where_it_is(world, days):
    """First moves to the second day, second to the third; the free place there is taken before the night is decided."""
    first, second = an_appointment(world, {days[0][0]: 2}, "a"), an_appointment(world, {days[1][0]: 2}, "a")
    other = an_appointment(world, {days[1][1]: 2}, "a"), an_appointment(world, {days[2][1]: 2}, "a")
    wishes(world, first, any_time("a", SECOND, bands=["morning"]))
    wishes(world, second, any_time("a", THIRD, bands=["morning"]))
    closed(world)
    with world.core.sessions.begin() as session:
        take(session, days[2][0], Pool.DRAW, 2)
    decide(world.core, "x-1")
    assert (day_of(world, first), day_of(world, second)) == (FIRST, SECOND)
    assert outcomes(world, first) == outcomes(world, second) == [SwapOutcome.NO_PLACE]
    assert [day_of(world, one) for one in other] == [SECOND, THIRD]
    with world.core.sessions.begin() as session:
        session.scalars(select(SlotPool).where(SlotPool.slot_id == days[2][0])).one().taken = 0
    check_places(world)


def test_what_is_left_on_a_day_that_no_draw_reaches_is_for_walk_ins(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", THIRD))
    with world.core.sessions.begin() as session:
        session.add(SlotPool(slot_id=days[0][0], pool=Pool.WALK_IN, places=0, taken=0))
    _a_later_draw(world, FIRST_DAY + 3 * DAY)
    a_night(world)
    assert day_of(world, holder) == THIRD
    with world.session() as session:
        pools = {
            row.pool: (row.places, row.taken)
            for row in session.scalars(select(SlotPool).where(SlotPool.slot_id == days[0][0]))
        }
    assert pools == {Pool.DRAW: (1, 0), Pool.WALK_IN: (1, 0)}


def test_nobody_is_moved_to_a_day_that_is_about_to_close(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND), any_time("a", THIRD))
    ask_to_close(world.core, officer_id=staff(world, "a"), day=SECOND, counters=0, reason="no power")
    a_night(world)
    assert day_of(world, holder) == THIRD


def test_nobody_is_moved_to_a_day_that_somebody_asked_to_close_meanwhile(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    closed(world)
    ask_to_close(world.core, officer_id=staff(world, "a"), day=SECOND, counters=0, reason="no power")
    decide(world.core, "x-1")
    assert (day_of(world, holder), outcomes(world, holder)) == (FIRST, [SwapOutcome.NO_PLACE])
    check_places(world)


def test_a_night_that_closes_too_late_closes_not_at_all(world, days, monkeypatch):
    """Somebody who holds a lock until the value is out has gained nothing."""
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    night = announced(world)
    monkeypatch.setattr("booking.scheduling.swaps.nights.earliest", lambda _: world.clock.now())
    with pytest.raises(LateNightError):
        close(world.core, night)
    with world.session() as session:
        assert session.scalars(select(SwapNight)).one().state is SwapState.ANNOUNCED


def test_a_night_waits_for_a_draw_that_counts_on_places(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    night = announced(world)
    world.closed("d2")
    with pytest.raises(DrawRunningError):
        close(world.core, night)
    with world.session() as session:
        assert session.scalars(select(SwapNight)).one().state is SwapState.ANNOUNCED


def test_a_decided_night_stays_as_it_is(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    a_night(world)
    files = night_files(world.core, "x-1")
    decide(world.core, "x-1")
    assert (night_files(world.core, "x-1"), day_of(world, holder)) == (files, SECOND)
    assert told(world, holder) == ["exchanged"]
    assert close(world.core, "x-1").state is SwapState.DONE


def test_a_night_that_somebody_changed_is_not_decided(world, days):
    """An insider with a shell on the database puts another wish into the closed night."""
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND), any_time("a", THIRD))
    closed(world)
    with world.core.sessions.begin() as session:
        night = session.scalars(select(SwapNight)).one()
        assert night.inputs is not None
        inputs = json.loads(night.inputs)
        inputs["markets"][0]["holders"][0]["wishes"].reverse()
        night.inputs = json.dumps(inputs, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(DamagedNightError):
        decide(world.core, "x-1")
    assert day_of(world, holder) == FIRST


def test_a_night_given_up_frees_the_wishes(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    closed(world)
    assert abandon(world.core, "x-1").state is SwapState.ABANDONED
    assert decide(world.core, "x-1").state is SwapState.ABANDONED
    wishes(world, holder, any_time("a", THIRD))
    a_night(world, "x-2")
    assert day_of(world, holder) == THIRD


def test_somebody_with_two_appointments_takes_part_with_both(world, days):
    """Whoever leads two parties, of two services, stops nobody's night."""
    with world.core.sessions.begin() as session:
        person = world.add_person(session)
    first = an_appointment(world, {days[0][0]: 1}, "a", person=person)
    second = an_appointment(world, {days[0][1]: 1}, "a", person=person, units=2)
    for one in (first, second):
        wishes(world, one, any_time("a", SECOND))
    assert a_night(world).state is SwapState.DONE
    assert [day_of(world, one) for one in (first, second)] == [SECOND, SECOND]


@pytest.mark.parametrize(
    ("accessible", "change", "meanwhile"),
    [(False, {"active": False}, False), (True, {"accessible": False}, False), (True, {"accessible": False}, True)],
)
def test_nobody_is_moved_to_an_office_that_cannot_serve_them_any_more(world, days, accessible, change, meanwhile):
    pool = Pool.ACCESSIBLE if accessible else Pool.DRAW
    for code in ("b", "c"):
        world.office(code, accessible=True)
    own, other = (world.slots(code, FIRST, {pool: [2]}) for code in ("b", "c"))
    holder = an_appointment(world, {own[0]: 1}, "b", pool=pool, accessible=accessible)
    back = an_appointment(world, {other[0]: 1}, "c", pool=pool, accessible=accessible)
    wishes(world, holder, any_time("c", FIRST))
    wishes(world, back, any_time("b", FIRST))
    if meanwhile:
        closed(world)
    with world.core.sessions.begin() as session:
        session.execute(update(Office).where(Office.code == "c").values(**change))
    assert (decide(world.core, "x-1") if meanwhile else a_night(world)).state is SwapState.DONE
    assert found(world, holder).office.code == "b"
    check_places(world)


def test_the_file_of_a_night_names_nobody_and_no_place(world, days):
    holder = an_appointment(world, {days[0][0]: 1}, "a")
    wishes(world, holder, any_time("a", SECOND))
    night = a_night(world)
    with world.session() as session:
        inputs = session.scalars(select(SwapNight.inputs).where(SwapNight.id == night.id)).one()
    one = found(world, holder)
    for secret in (one.reference, str(one.id), str(one.request.account_id), FIRST.isoformat(), one.request.reference):
        assert secret.encode() not in inputs


def _a_later_draw(world, first_day):
    from booking.scheduling.draws import draw as draws  # noqa: PLC0415

    now = world.clock.now()
    draws.announce(
        world.core,
        reference="later",
        opens_at=now,
        closes_at=datetime.combine(first_day - DAY, time(), UTC),
        horizon_first=first_day,
        horizon_last=first_day + timedelta(days=6),
    )
