"""Which wishes ask for no more than another one: whatever fits them has fitted that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.platform.models.states import Pool
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem
from booking.scheduling.requests.receipt import WishRow, is_within
from tests.support.effort import examples

DAY = date(2026, 11, 8)
DAYS = st.integers(0, 2).map(lambda number: DAY + timedelta(days=number))
ONE = WishRow(
    service="passport",
    party=2,
    units=2,
    offices=("a", "b"),
    first_day=DAY,
    last_day=None,
    weekdays=127,
    bands=("midday", "morning"),
    needed_by=None,
    accessible=False,
    door="abroad",
    nonce=bytes(16),
)
ANSWERS = {
    "units": st.sampled_from([2, 4]),
    "offices": st.lists(st.sampled_from("ab"), min_size=1, unique=True).map(tuple),
    "first_day": DAYS,
    "last_day": st.none() | st.just(DAY + timedelta(days=2)),
    "weekdays": st.sampled_from([127, 1, 64, 0]),
    "bands": st.sampled_from([("midday",), ("morning",), ("midday", "morning")]),
    "needed_by": st.none() | DAYS,
    "accessible": st.booleans(),
    "windows": st.sampled_from([(), (("a", DAY, DAY),), (("a", DAY, DAY + timedelta(days=1)),)]),
}
WISHES = st.fixed_dictionaries(ANSWERS)
OTHERS = st.sampled_from(sorted(ANSWERS)).flatmap(lambda name: st.fixed_dictionaries({name: ANSWERS[name]}))
BINS = [
    Bin(
        office=office,
        accessible=office == "a",
        day=DAY + timedelta(days=day),
        band=band,
        pool=pool,
        starts_at=datetime(2026, 11, 8 + day, 6 + 2 * hour + free // 4, tzinfo=UTC),
        slots=(number,),
        free=(free,),
    )
    for number, (office, day, (hour, band), pool, free) in enumerate(
        product("ab", range(3), enumerate(("morning", "midday")), (Pool.DRAW, Pool.ACCESSIBLE), (2, 4))
    )
]


@settings(deadline=None, max_examples=examples(25, nightly=60))
@given(old=WISHES, others=OTHERS)
def test_whatever_fits_a_wish_within_another_one_fits_that_too(old, others):
    wishes = [replace(ONE, **old), replace(ONE, **old | others)]
    problem = build_problem(Asked.of([Leaf(wish, b"", b"", 0) for wish in wishes]), BINS, np.arange(2, dtype=np.int32))
    pairs = zip(problem.pair_request.tolist(), problem.pair_bin.tolist(), strict=True)
    fits = {(row, number) for row, number in pairs if problem.units[row] <= problem.places[number]}
    before, now = ({number for each, number in fits if each == row} for row in (0, 1))

    assert is_within(wishes[0], wishes[0])
    assert now <= before or not is_within(wishes[1], wishes[0])


def test_fewer_offices_days_and_times_are_within_and_everything_else_is_not():
    later = DAY + timedelta(days=1)
    fewer = (
        {"offices": ("b",)},
        {"bands": ("morning",)},
        {"weekdays": 3},
        {"first_day": later},
        {"last_day": later},
        {"needed_by": later},
        {"windows": (("a", DAY, later),)},
    )
    assert [one for one in fewer if not is_within(replace(ONE, **one), ONE)] == []
    assert [one for one in fewer if is_within(ONE, replace(ONE, **one))] == []
    for other in ({"offices": ("a", "c")}, {"accessible": True}, {"units": 1, "party": 1}, {"service": "visa"}):
        assert not is_within(replace(ONE, **other), ONE)
        assert not is_within(ONE, replace(ONE, **other)) or "units" in other
