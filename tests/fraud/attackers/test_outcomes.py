from dataclasses import replace

import numpy as np
import pytest

from fraud.attackers import World
from fraud.attackers.agents import DAY
from fraud.attackers.country import Country
from fraud.attackers.outcomes import CONFIRM_WITHIN, asked_after, outcome
from fraud.attackers.parameters import FAMILY, HOARDER
from fraud.attackers.season import intended, play
from fraud.attackers.tactics import Tactics

pytestmark = pytest.mark.slow

WORLD = World(people=1_000, days=7, pumped=0)


@pytest.fixture
def country():
    return Country(5, WORLD.days)


def lent(country, **tactics):
    """One of the requests in lent names, all of whose places are meant for buyers."""
    world = replace(WORLD, tactics={HOARDER.name: Tactics(resold=1.0, **tactics)})
    return next(ask for ask in intended(country, world) if ask.kind.name == HOARDER.name)


def ends(ask, moving=0.0):
    chance = np.random.default_rng(1)
    return [outcome(ask, 0.0, chance, chance, moving) for _ in range(200)]


def test_a_place_meant_for_a_buyer_is_cancelled_or_left_as_the_tactics_say(country):
    cancelled = [at for how, at in ends(lent(country, resold_within=2.0)) if how == "cancelled"]
    assert len(cancelled) > 150
    assert max(cancelled) < 2 * DAY
    assert set(ends(lent(country, leaves=True))) == {("lapsed", CONFIRM_WITHIN)}


def test_a_place_meant_for_a_buyer_is_moved_as_often_as_they_say_and_then_cancelled(country):
    for most in (0, 1, 2):
        ask = lent(country, moves=most)
        for ask.moves in range(most + 1):
            assert {how for how, _ in ends(ask)} - {"lapsed"} == {"moved" if ask.moves < most else "cancelled"}


def of_hoarders(**tactics):
    """A small season of hoarders who move what they do not keep: what they asked, what waited, and the facts."""
    tactics = {HOARDER.name: Tactics(resold=1.0, resold_within=0.5, moves=2, **tactics)}
    season = play(3, World(people=1_000, days=7, pumped=0, demand=0.8, hoarders=30, tactics=tactics))
    asks = season.asks[season.asks["kind"] == HOARDER.name].set_index("number")
    return asks[asks["moves"] == 0], asks[asks["moves"] > 0], season.facts


def test_what_was_moved_and_dropped_is_known_by_the_person():
    asks, waited, facts = of_hoarders()
    moved = waited[["person", "at"]].rename(columns={"at": "moved_at"})
    names = asks[asks["role"] == ""].reset_index().merge(moved, on="person")
    later = names.loc[names["at"] > names["moved_at"], "number"]
    assert (waited["state"] == "withdrawn").all()
    assert (waited["decision"] == "").all()
    assert len(later) > 10
    assert facts.loc[later, "handed_back_for_person_90d"].gt(0).all()


def test_what_was_moved_may_be_drawn_again_and_counts_once_given_up():
    _, waited, facts = of_hoarders(redrawn=True)
    first_two = waited.sort_values("at").groupby("person").head(2)
    assert {"moved", "cancelled"} <= set(waited["state"]) <= {"moved", "cancelled", "lapsed"}
    assert len(first_two) > 50
    assert facts.loc[first_two.index, "handed_back_for_person_90d"].eq(0).all()


def test_a_buyer_asks_in_the_lent_names_account_or_apart(country):
    for apart in (False, True):
        ask = lent(country, apart=apart)
        buyer, name = asked_after(ask, "cancelled", DAY, country, np.random.default_rng(1), 0.0)
        assert (buyer.people, buyer.role, buyer.buyer) == ((ask.buyer,), "buyer", None)
        assert (buyer.account.phone != ask.account.phone, buyer.account is not ask.account) == (apart, apart)
        assert (name.people, name.account, name.role) == (ask.people, ask.account, "")
        assert name.buyer not in {None, ask.buyer}


def test_a_place_that_lapsed_by_itself_was_sold_to_nobody(country):
    chance = np.random.default_rng(1)
    assert asked_after(lent(country), "lapsed", DAY, country, chance, 1.0) == []
    assert len(asked_after(lent(country, leaves=True), "lapsed", DAY, country, chance, 0.0)) == 2


def test_a_share_of_honest_people_asks_again_within_a_week(country):
    ask = next(ask for ask in intended(country, WORLD) if ask.kind is FAMILY)
    chance = np.random.default_rng(1)
    for how in ("cancelled", "lapsed"):
        found = [asked_after(ask, how, DAY, country, chance, 0.6) for _ in range(400)]
        assert 200 < sum(map(len, found)) < 280
        assert all(DAY < again.at < 8 * DAY and again.people == ask.people for one in found for again in one)


def test_a_share_of_honest_people_moves_a_place_twice_at_most(country):
    ask = next(ask for ask in intended(country, WORLD) if ask.kind is FAMILY)
    for moves, many in ((0, range(70, 130)), (1, range(70, 130)), (2, range(1))):
        ask.moves = moves
        assert [how for how, _ in ends(ask, 0.5)].count("moved") in many


def test_honest_people_ask_again_where_some_return_and_wait_where_they_move():
    stay, returning = (replace(WORLD, returning=share, moving=share / 4) for share in (0.0, 1.0))
    without, again = (play(3, world).asks for world in (stay, returning))
    assert asked_again(again) > 1.1 * asked_again(without)
    waited = again[again["honest"] & (again["moves"] > 0)]
    assert {"served", "cancelled"} <= set(waited["state"])
    assert "withdrawn" not in set(waited["state"])


def asked_again(asks):
    honest = asks[asks["honest"] & (asks["number"] >= 0) & (asks["moves"] == 0)]
    return honest.duplicated("person").sum()
