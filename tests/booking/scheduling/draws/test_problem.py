from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from allocation import solve
from booking.platform.models.states import Pool
from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Bin
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem, line_order
from booking.scheduling.requests.receipt import WishRow

SUNDAY = date(2026, 11, 8)


def a_bin(office: str, *, day: int = 0, band: str = "morning", pool: Pool = Pool.DRAW, hour: int = 6, places: int = 1):
    at = datetime(SUNDAY.year, SUNDAY.month, SUNDAY.day + day, hour, tzinfo=UTC)
    return Bin(office, office != "steps", SUNDAY + timedelta(days=day), band, pool, at, (1,), (places,))


def a_leaf(*offices: str, number: int = 0, lost: int = 0, **wish: Any) -> Leaf:
    columns: dict[str, Any] = {
        "service": "passport",
        "party": 1,
        "units": 1,
        "offices": offices,
        "first_day": SUNDAY,
        "last_day": None,
        "weekdays": 127,
        "bands": ("midday", "morning"),
        "needed_by": None,
        "accessible": False,
        "door": "home",
        "nonce": b"n",
    }
    return Leaf(WishRow(**columns | wish), number.to_bytes(32), number.to_bytes(16), lost)


def problem_of(leaves: list[Leaf], bins: list[Bin]):
    asked = Asked.of(leaves)
    return build_problem(asked, bins, line_order(asked.line, b"s" * 32, b"r" * 32))


def pairs_of(leaf: Leaf, bins: list[Bin]) -> list[int]:
    return problem_of([leaf], bins).pair_bin.tolist()


def test_a_bin_is_accepted_by_office_day_weekday_band_and_deadline():
    bins = [a_bin("a"), a_bin("a", day=1), a_bin("a", day=2), a_bin("a", band="midday", hour=9), a_bin("b")]

    assert pairs_of(a_leaf("a", "unknown"), bins) == [0, 1, 2, 3]
    assert pairs_of(a_leaf("a", first_day=SUNDAY + timedelta(days=1)), bins) == [1, 2]
    assert pairs_of(a_leaf("a", last_day=SUNDAY), bins) == [0, 3]
    assert pairs_of(a_leaf("a", needed_by=SUNDAY + timedelta(days=1)), bins) == [0, 1, 3]
    assert pairs_of(a_leaf("a", needed_by=SUNDAY - timedelta(days=1)), bins) == []
    assert pairs_of(a_leaf("a", weekdays=0b0000001), bins) == [1]
    assert pairs_of(a_leaf("a", bands=("midday",)), bins) == [3]
    assert pairs_of(a_leaf("a", bands=()), bins) == []


def test_accessible_places_and_offices_are_for_people_who_ask_for_them():
    bins = [a_bin("a"), a_bin("a", pool=Pool.ACCESSIBLE), a_bin("steps"), a_bin("steps", pool=Pool.ACCESSIBLE)]

    assert pairs_of(a_leaf("a", "steps"), bins) == [0, 2]
    assert pairs_of(a_leaf("a", "steps", accessible=True), bins) == [0, 1]


def test_within_an_office_day_then_band_then_accessible_pool_decide():
    bins = [
        a_bin("a", day=1),
        a_bin("a", band="midday", hour=9),
        a_bin("a"),
        a_bin("a", pool=Pool.ACCESSIBLE),
        a_bin("b"),
    ]

    problem = problem_of([a_leaf("b", "a", accessible=True)], bins)

    by_wish = np.lexsort((problem.pair_cost, problem.pair_rank))
    assert problem.pair_bin[by_wish].tolist() == [4, 3, 2, 1, 0]


def test_every_lost_draw_counts_even_a_sixteenth():
    family = a_leaf("a", number=1, party=3, units=3, lost=15)
    lone = a_leaf("a", number=2, lost=16)

    problem = problem_of([family, lone], [a_bin("a", places=3)])

    assert problem.tier.tolist() == [15, 16]
    assert solve(problem).bin_of_request.tolist() == [-1, 0]
