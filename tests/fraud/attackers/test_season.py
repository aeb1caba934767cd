import re
from dataclasses import replace

import pandas as pd
import pytest

from fraud.attackers import Played, hostile, play, season
from fraud.attackers.agents import HOUSEHOLD, PROVEN, SEEN
from fraud.attackers.parameters import KINDS, SQUATTER
from fraud.facts import FEATURES
from fraud.limiting.text import default_limits_source, parse_limits
from fraud.past.windows import MOST, WINDOWS
from tests.fraud.attackers.conftest import SMALL, TINY
from tests.fraud.histories import Plainly

pytestmark = pytest.mark.slow


def test_equal_seeds_play_equal_seasons(tiny):
    again = play(8, TINY)

    pd.testing.assert_frame_equal(again.asks, tiny.asks)
    pd.testing.assert_frame_equal(again.facts, tiny.facts)
    assert not play(33, TINY).asks.equals(tiny.asks)


def test_the_facts_are_what_the_declarations_count_plainly(tiny):
    plainly = Plainly(tiny.history, MOST)
    asks = list(tiny.history.requests.itertuples())
    assert len(asks) > 200
    assert tiny.facts["people_on_phone_30d"].max() > 5

    for ask in asks[::3]:
        counted = {window.name: plainly.count(window, ask) for window in WINDOWS}
        assert tiny.facts.loc[ask.request, list(counted)].to_dict() == counted


def test_the_gate_never_sees_an_identity(tiny, monkeypatch):
    """The same people under other names of their kinds: every decision, score and place stays the same."""
    turned = dict(zip(KINDS, reversed(KINDS), strict=True))
    intended = season.intended

    def renamed(*given):
        asks = intended(*given)
        for ask in asks:
            ask.kind = replace(ask.kind, name=turned[ask.kind.name], honest=not ask.kind.honest)
        return asks

    monkeypatch.setattr(season, "intended", renamed)
    after = play(8, TINY)

    pd.testing.assert_frame_equal(after.facts, tiny.facts)
    pd.testing.assert_frame_equal(
        after.asks.drop(columns=["kind", "honest"]), tiny.asks.drop(columns=["kind", "honest"])
    )
    assert (after.asks["kind"] == tiny.asks["kind"].map(turned)).all()


@pytest.fixture(scope="module")
def unproven() -> Played:
    """The small season as it was before anybody had to prove anything."""
    return play(31, replace(SMALL, proofs=False))


def test_every_fact_is_there_and_every_window_counts_something(small, unproven):
    assert list(small.facts) == list(FEATURES)
    facts = pd.concat([small.facts, unproven.facts])
    assert facts["requests_for_person_30d"].max() > 0
    windows = [window.name for window in WINDOWS if not window.name.startswith("requests_for_person")]
    assert facts[windows].max().gt(0).all()
    assert small.facts["people_by_account"].between(1, HOUSEHOLD).all()
    assert set(small.facts["identity_level"]) == {PROVEN, SEEN}
    assert small.facts[["unproven_by_account", "claims_ended_365d"]].max().gt(0).all()


def test_nobody_has_two_live_requests_or_two_places_at_once(small):
    placed = small.asks[small.asks["state"].isin(["drawn", "served", "no_show"])]

    assert not placed["person"].duplicated().any()


def test_no_draw_gives_more_places_than_it_has(small):
    asks, world = small.asks, small.world
    given = asks[asks["drawn_day"] >= 0].groupby("drawn_day")["party"].sum()
    back = asks.loc[asks["state"].isin(["lapsed", "cancelled"]), "party"].sum()

    assert given.cumsum().le((given.index.to_numpy() + 1) * world.places + back).all()
    assert given.sum() > 0.9 * world.places * world.days


def test_every_kind_asks_and_every_request_is_decided(small):
    assert set(small.asks["kind"]) == set(KINDS) - {"sms pumper", "café"}
    assert not small.asks["state"].isin(["wanted", "challenged", "accepted"]).any()


PLACED = ["drawn", "served", "no_show", "cancelled", "lapsed"]


def test_invented_people_are_refused_and_never_get_a_place(small, unproven):
    without = small.asks[~small.asks["known"]]
    asked = unproven.asks[~unproven.asks["known"] & (unproven.asks["number"] >= 0)]

    assert min(len(without), len(asked)) > 100
    assert set(without["state"]) <= {"unproven", "limited"}
    assert set(asked["decision"]) == {"refuse"}
    assert not asked["state"].isin(PLACED).any()


def test_squatters_take_their_victims_turn_only_where_nothing_is_proven(small, unproven):
    places, blocked = {}, {}
    for played in (small, unproven):
        asks, proofs = played.asks, played.world.proofs
        places[proofs] = asks.loc[asks["kind"] == "squatter", "state"].isin(PLACED).sum()
        blocked[proofs] = asks.loc[asks["squatted"] & asks["honest"], "blocked"].mean()

    assert places[False] > 20
    assert places[True] < 5
    assert blocked[False] > 0.5
    assert blocked[True] < 0.1


def test_who_cannot_prove_a_number_or_finds_it_taken_is_seen_at_a_counter(small):
    asks = small.asks[small.asks["honest"]]
    came = asks[asks["counter"] > 0]

    assert 0.01 < len(came) / len(asks) < 0.1
    assert (came["state"].isin([*PLACED, "not drawn"])).mean() > 0.7
    assert not small.asks.loc[small.asks["kind"] == "rotating bot", "counter"].any()


def test_a_counter_ends_what_a_squatter_holds_and_the_owner_asks(monkeypatch):
    """Every squatter has a photo of the card here; owners who meet them come to a counter."""
    photos = replace(SQUATTER, habits=replace(SQUATTER.habits, proves=1.0))
    monkeypatch.setattr(hostile.kinds, "SQUATTER", photos)
    played = play(31, SMALL)
    owners = played.asks[played.asks["squatted"] & played.asks["honest"] & played.asks["blocked"]]

    assert (played.asks["state"] == "contested").sum() > 10
    assert (owners["number"] >= 0).mean() > 0.7


@pytest.mark.slow
def test_limits_stop_a_machine_in_a_rush_and_not_a_person():
    asks = play(9, replace(SMALL, people=1_200, days=5, strength=4.0)).asks
    by_kind = asks.assign(met=asks["limited"] > 0).groupby("kind")["met"].mean()

    assert by_kind["bot"] > 0.2
    assert by_kind[list(SMALL.shares)].max() == 0


def test_tighter_limits_hold_more_codes_back():
    world = replace(TINY, pumped=12_000)
    loose = play(7, world)
    tight = parse_limits(re.sub("prefix = .*", 'prefix = "1 per hour"', default_limits_source())).policy

    assert play(7, world, policy=tight).pumped_sent < 0.8 * loose.pumped_sent


def test_a_hoarder_gives_places_up_and_asks_for_buyers(small):
    hoarded = small.asks[small.asks["kind"] == "hoarder"]

    assert (hoarded["state"] == "cancelled").sum() > 3
    counted = ["rebookings_30d", "passed_on_by_account_30d", "passed_on_with_phone_30d"]
    assert small.facts.loc[hoarded.loc[hoarded["number"] >= 0, "number"], counted].max().gt(0).all()


@pytest.mark.parametrize("strength", [0.0, 2.0])
def test_the_strength_of_attack_is_a_number_to_turn(strength, tiny):
    played = play(8, replace(TINY, strength=strength))

    usual = (~tiny.asks["honest"]).sum()
    assert (~played.asks["honest"]).sum() == pytest.approx(strength * usual, rel=0.25)
