"""Random days: whatever people ask and whatever is free, the rules hold."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from sqlalchemy import func, select, text

from booking.platform.models import Appointment, AppointmentPlaces, Office, Request, Slot, SlotPool
from booking.platform.models.states import Pool, RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.verification import verify_files
from tests.booking.scheduling.draws.emptying import empty
from tests.support.effort import examples

OFFICES = ("a", "b", "c")
DAYS = 3
BANDS = ("morning", "midday")

# the database is emptied at the start of each example, so the fixture need not be new
EXAMPLES = settings(
    max_examples=examples(4, nightly=18),
    phases=(Phase.generate,),  # a draw costs half a second: a failure is read as it came, not made smaller
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

places = st.lists(st.integers(0, 2), min_size=4, max_size=4)
days = st.lists(
    st.tuples(
        st.sampled_from(OFFICES), st.integers(0, DAYS - 1), st.sampled_from([Pool.DRAW, Pool.ACCESSIBLE]), places
    ),
    max_size=8,
    unique_by=lambda day: day[:2],
)


@st.composite
def wishes(draw, *, singles):
    first = draw(st.integers(0, DAYS - 1))
    return {
        "offices": draw(st.lists(st.sampled_from(OFFICES), min_size=1, max_size=3, unique=True)),
        "party": 1 if singles else draw(st.integers(1, 3)),
        "units": 1 if singles else draw(st.integers(1, 2)),
        "first": first,
        "last": draw(st.none() | st.integers(first, DAYS - 1)),
        "needed": draw(st.none() | st.integers(first, DAYS - 1)),
        "weekdays": draw(st.sampled_from([127, 127, 0b1000001])),
        "bands": draw(st.lists(st.sampled_from(BANDS), min_size=1, unique=True)),
        "accessible": draw(st.booleans()),
        "lost": draw(st.integers(0, 2)),
    }


def prepare(world, slots, asked):
    """Empty the country, then fill it; give the references in the order of ``asked``."""
    empty(world)
    for code in OFFICES:
        world.office(code, accessible=code != "b")
    for code, day, pool, counts in slots:
        world.slots(code, world.first_day + timedelta(days=day), {pool: counts})
    return [
        world.ask(
            *wish["offices"],
            party=wish["party"],
            units=wish["units"],
            first_day=world.first_day + timedelta(days=wish["first"]),
            last_day=None if wish["last"] is None else world.first_day + timedelta(days=wish["last"]),
            needed_by=None if wish["needed"] is None else world.first_day + timedelta(days=wish["needed"]),
            weekdays=wish["weekdays"],
            bands=wish["bands"],
            accessible=wish["accessible"],
            lost=wish["lost"],
        )
        for wish in asked
    ]


def accepts(world, wish, place):
    """Tell in plain words, apart from the draw's own columns, whether a slot is one that the wish accepts."""
    code, day, pool, slot = place
    weekday = (world.first_day + timedelta(days=day)).weekday()
    return (
        code in wish["offices"]
        and wish["first"] <= day <= min(x for x in (wish["last"], wish["needed"], DAYS) if x is not None)
        and wish["weekdays"] >> weekday & 1
        and BANDS[slot // 2] in wish["bands"]
        and (code != "b" if wish["accessible"] else pool is Pool.DRAW)
    )


def check_rows(world, references, asked):
    """No pool is oversold, no party split, and everyone is where they asked to be."""
    with world.session() as session:
        taken = dict(
            session.execute(
                select(AppointmentPlaces.slot_id, func.sum(AppointmentPlaces.places)).group_by(
                    AppointmentPlaces.slot_id
                )
            ).fetchall()
        )
        for pool in session.scalars(select(SlotPool)):
            assert pool.taken == taken.get(pool.slot_id, 0) <= pool.places
        sits = defaultdict(list)
        for row in session.execute(
            select(
                Request.reference,
                Office.code,
                Slot.local_day,
                Slot.starts_at,
                AppointmentPlaces.pool,
                AppointmentPlaces.places,
            )
            .select_from(Appointment)
            .join(Request)
            .join(AppointmentPlaces)
            .join(Slot)
            .join(Office, Office.id == Slot.office_id)
            .order_by(Slot.starts_at)
        ):
            sits[row.reference].append(row)
        states = {request.reference: request.state for request in session.scalars(select(Request)).unique()}
    for reference, wish in zip(references, asked, strict=True):
        state, rows = states[reference], sits[reference]
        assert state is (RequestState.DRAWN if rows else RequestState.CARRIED_OVER)
        if rows:
            assert sum(row.places for row in rows) == wish["party"] * wish["units"]
            starts = [row.starts_at for row in rows]
            assert starts == [starts[0] + timedelta(minutes=30) * number for number in range(len(rows))]
        for row in rows:
            day = (row.local_day - world.first_day).days
            slot = (row.starts_at.hour - 6) * 2 + row.starts_at.minute // 30
            assert accepts(world, wish, (row.code, day, row.pool, slot))


@EXAMPLES
@given(slots=days, asked=st.lists(wishes(singles=False), min_size=1, max_size=12))
def test_no_draw_oversells_or_splits_a_party_nor_does_the_next_one(shared_world, slots, asked):
    world = shared_world
    references = prepare(world, slots, asked)

    report = verify_files(world.published("d1", days=DAYS))

    assert report.ok, report.words()
    check_rows(world, references, asked)
    with world.core.sessions.begin() as session:  # everyone served gives the place back
        session.execute(text("UPDATE slot_pool SET taken = 0"))
    first = {request.reference: request for request in world.requests()}

    report = verify_files(world.published("d2", days=DAYS))

    assert report.ok, report.words()
    for after in world.requests():
        before = first[after.reference]
        lost = after.state is RequestState.CARRIED_OVER
        assert after.lost_draws == before.lost_draws + lost
        assert before.state is not RequestState.DRAWN or after.draw_id == before.draw_id
    with world.session() as session:
        assert not session.scalar(select(func.count()).where(SlotPool.taken > SlotPool.places))
    assert draws.files(world.core, "d1").keys() == draws.files(world.core, "d2").keys()


@EXAMPLES
@given(slots=days, asked=st.lists(wishes(singles=True), min_size=1, max_size=14))
def test_a_draw_serves_as_many_single_people_as_any_matching_could(shared_world, slots, asked):
    world = shared_world
    references = prepare(world, slots, asked)
    columns = [
        (code, day, pool, slot)
        for code, day, pool, counts in slots
        for slot, count in enumerate(counts)
        for _ in range(count)
    ]
    accepted = np.array([[accepts(world, wish, column) for column in columns] for wish in asked], np.bool_).reshape(
        len(asked), len(columns)
    )
    best = int((maximum_bipartite_matching(csr_array(accepted), perm_type="column") >= 0).sum())

    report = verify_files(world.published(days=DAYS))

    assert report.ok, report.words()
    check_rows(world, references, asked)
    with world.session() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == best
