from datetime import date, timedelta

import pandas as pd
import pytest

from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import Frozen
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.draws.problem import build_problem, line_order
from booking.scheduling.forecast.next_draw import requests_of_next_draw
from booking.scheduling.requests.receipt import receipt_of

FIRST, LAST = date(2026, 11, 15), date(2026, 11, 28)


@pytest.fixture(scope="module")
def expected():
    return pd.DataFrame(
        [("damascus", "passport-renewal", 300.0), ("berlin", "child-passport", 40.5), ("aleppo", "data-change", 0.0)],
        columns=["office", "service", "requests"],
    )


@pytest.fixture(scope="module")
def leaves(expected, pack):
    pack = pack.model_copy(update={"offices": (*pack.offices, pack.offices[-1].model_copy(update={"code": "berlin"}))})
    return requests_of_next_draw(expected, pack, first_day=FIRST, last_day=LAST, seed=1), pack


def test_simulated_requests_match_the_forecast_and_the_frozen_format(leaves, expected):
    made, _ = leaves
    first = pd.Series([leaf.wish.offices[0] for leaf in made]).value_counts()
    assert abs(first["damascus"] - 300) < 60
    assert abs(first["berlin"] - 40) < 25
    assert "aleppo" not in first
    assert [Leaf.read(leaf.line()) for leaf in made] == made, "the format's own checks"
    assert [leaf.receipt for leaf in made] == sorted(receipt_of(leaf.wish) for leaf in made)
    assert len({leaf.person for leaf in made}) == len(made)


def test_equal_seeds_give_equal_requests(leaves, expected):
    made, pack = leaves
    assert requests_of_next_draw(expected, pack, first_day=FIRST, last_day=LAST, seed=1) == made
    assert requests_of_next_draw(expected, pack, first_day=FIRST, last_day=LAST, seed=2) != made


def test_a_draw_can_be_made_of_them(leaves):
    made, _ = leaves
    asked = Asked.of(made)
    problem = build_problem(asked, [], line_order(asked.line, b"seed" * 8, b"root" * 8))
    assert len(problem.party) == len(made)


def test_wishes_follow_a_past_draw_where_enough_asked_there(leaves, expected):
    made, pack = leaves
    seen = [leaf for leaf in made if leaf.wish.service == "passport-renewal"][:30]
    past = Frozen({"horizon_first": FIRST.isoformat()}, seen, ())
    later = FIRST + timedelta(days=28)
    again = requests_of_next_draw(
        expected, pack, first_day=later, last_day=LAST + timedelta(days=28), seed=5, like=past
    )
    shapes = {(leaf.wish.offices, leaf.wish.party, leaf.wish.weekdays, leaf.wish.bands) for leaf in seen}
    renewals = [leaf.wish for leaf in again if leaf.wish.service == "passport-renewal"]
    assert {(wish.offices, wish.party, wish.weekdays, wish.bands) for wish in renewals} <= shapes
    assert {wish.first_day for wish in renewals} == {later}
    assert {len(leaf.wish.nonce) for leaf in again} == {16}
