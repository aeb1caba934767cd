from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.market import RULES, Market, Outcome, Rules, Scalpers, agents, compare, play
from allocation.market.period import Business, Chances, Period, Setting, fill, run
from tests.support.effort import examples

pytestmark = pytest.mark.slow

SCARCE, AMPLE = Market(places=300, demand=2.0), Market(places=300, demand=0.5)
SEEDS = range(4)
SHARES = (0.0, 0.4, 0.7, 0.85, 1.0)
FOUND_AFTERWARDS = Scalpers(orders=False)
"""The paper's scalpers: they book in other names, and look for customers then."""
IMMEDIATE, BATCH, MAWID = (
    RULES["first come"],
    RULES["draw, any name, cancelled places to a later draw"],
    RULES["draw, checked names, cancelled places to a later draw"],
)
AT_ONCE = RULES["draw, checked names, cancelled places at once"]


def outcomes(market: Market, rules: Rules, scalpers: Scalpers | None = None) -> list[Outcome]:
    return [play(market, scalpers or Scalpers(), rules, seed=seed) for seed in SEEDS]


def earned(market: Market, rules: Rules, scalpers: Scalpers | None = None) -> list[float]:
    return [outcome.profit for outcome in outcomes(market, rules, scalpers)]


@pytest.mark.slow
@pytest.mark.parametrize("scalpers", [FOUND_AFTERWARDS, Scalpers()], ids=["names", "orders"])
def test_scalpers_profit_from_the_immediate_system_when_demand_is_high(scalpers: Scalpers) -> None:
    assert min(earned(SCARCE, IMMEDIATE, scalpers)) > 0.2


@pytest.mark.parametrize("scalpers", [FOUND_AFTERWARDS, Scalpers()], ids=["names", "orders"])
def test_scalpers_stay_away_from_the_immediate_system_when_demand_is_low(scalpers: Scalpers) -> None:
    assert {outcome.business for outcome in outcomes(AMPLE, IMMEDIATE, scalpers)} == {"none"}


@pytest.mark.parametrize("market", [AMPLE, SCARCE, replace(SCARCE, demand=4.0, correlation=0.9)])
@pytest.mark.parametrize("rules", [BATCH, MAWID])
def test_nothing_pays_in_a_draw_whose_cancelled_places_join_a_later_draw(market: Market, rules: Rules) -> None:
    mighty = Scalpers(speed=1e6, capital=1.0, booking_cost=0.0, borrowed=1.0, name_cost=0.0)

    assert {outcome.business for outcome in outcomes(market, rules, mighty)} == {"none"}


def test_a_draw_pays_scalpers_again_where_cancelled_places_go_back_at_once() -> None:
    assert min(earned(SCARCE, AT_ONCE)) > 0.05
    assert min(earned(SCARCE, AT_ONCE, FOUND_AFTERWARDS)) > 0.02


def test_checked_names_and_limits_lower_what_scalpers_earn_and_do_not_end_it() -> None:
    behind = earned(SCARCE, RULES["first come, limits and checked names"])

    assert 0.1 < np.mean(behind) < 0.9 * np.mean(earned(SCARCE, IMMEDIATE))


def test_scalping_ends_only_when_less_is_left_to_the_race_than_scalpers_can_take() -> None:
    drawn = {share: np.mean(earned(SCARCE, Rules(drawn=share, checked=True, at_once=False))) for share in SHARES}

    assert drawn[0.4] > 0.9 * drawn[0.0] > 0.3
    assert 0.9 * drawn[0.4] > drawn[0.7] > drawn[0.85] > drawn[1.0] == 0


def test_a_robot_no_faster_than_people_has_nothing_to_sell() -> None:
    slow = Scalpers(speed=1.0)

    assert {outcome.business for outcome in outcomes(SCARCE, replace(IMMEDIATE, checked=True), slow)} == {"none"}


def test_scalpers_earn_where_all_want_the_same_times_even_with_places_for_all() -> None:
    alike = replace(AMPLE, demand=0.6, correlation=0.9)

    assert np.mean(earned(alike, IMMEDIATE)) > 0.02
    assert max(earned(replace(alike, correlation=0.0), IMMEDIATE)) == 0
    assert max(earned(alike, MAWID)) == 0


def test_without_names_to_borrow_a_register_ends_the_trade_in_other_names() -> None:
    assert min(earned(SCARCE, AT_ONCE, FOUND_AFTERWARDS)) > 0
    assert max(earned(SCARCE, AT_ONCE, replace(FOUND_AFTERWARDS, borrowed=0.0))) == 0


def test_scalpers_who_can_hold_everything_make_scarcity_themselves_and_waste_places() -> None:
    enough = replace(AMPLE, demand=0.9)
    hoarding = outcomes(enough, IMMEDIATE, replace(FOUND_AFTERWARDS, capital=1.0))

    assert min(outcome.profit for outcome in hoarding) > 0
    assert min(outcome.wasted for outcome in hoarding) > 0.02
    assert max(outcome.wasted for outcome in outcomes(enough, MAWID)) == 0


def test_the_race_serves_those_who_can_pay_and_the_draw_serves_all_alike() -> None:
    race, draw = outcomes(SCARCE, IMMEDIATE), outcomes(SCARCE, MAWID)

    assert min(outcome.chance_high - outcome.chance_low for outcome in race) > 0.15
    assert abs(np.mean([outcome.chance_high - outcome.chance_low for outcome in draw])) < 0.05
    assert np.mean([outcome.surplus for outcome in draw]) > np.mean([outcome.surplus for outcome in race])


def test_all_numbers_come_from_the_seed() -> None:
    assert play(SCARCE, Scalpers(), IMMEDIATE, seed=1) == play(SCARCE, Scalpers(), IMMEDIATE, seed=1)
    assert play(SCARCE, Scalpers(), IMMEDIATE, seed=1) != play(SCARCE, Scalpers(), IMMEDIATE, seed=2)


def test_the_table_has_a_row_for_each_market_and_rules() -> None:
    table = compare({"low": AMPLE, "high": SCARCE}, Scalpers(), {"race": IMMEDIATE, "draw": MAWID}, seeds=[1, 2])

    assert list(table.index) == [("low", "race"), ("low", "draw"), ("high", "race"), ("high", "draw")]
    assert table["active"].tolist() == [0, 0, 1, 0]
    assert table["business"].tolist()[3] == "none" != table["business"].tolist()[2]
    assert table.loc[("high", "race"), "profit"] == pytest.approx(
        np.mean([play(SCARCE, Scalpers(), IMMEDIATE, seed=seed).profit for seed in (1, 2)])
    )


def test_each_takes_the_best_kind_left_and_it_is_known_when_the_last_went() -> None:
    wishes = np.array([[0, 1], [0, 1], [0, 2], [1, 0]], np.int32)
    room, kind = np.array([1, 1, 0, 5]), np.full(4, -1, np.int32)

    closed = fill(np.array([2, 1, 3, 0]), wishes, room, kind)

    assert kind.tolist() == [-1, 1, 0, -1]
    assert closed.tolist() == [0, 1, 5, 4]
    assert room.tolist() == [0, 0, 0, 5]


def test_a_customer_pays_what_the_robot_adds_to_a_chance_and_no_more() -> None:
    market = Market(places=1, demand=2.0, kinds=1, choices=1, cancelled=0.0)
    people = agents.citizens(market, np.random.default_rng(1))
    people = replace(people, value=np.array([4.0, 1.0]), click=np.array([2.0, 0.1]))
    setting = Setting(market, Scalpers(speed=1e9), IMMEDIATE, people, people)
    expected = Chances(race=np.array([0.75]), again=np.array([1.0]))

    period = run(setting, Business.ORDERS, 1, expected)

    assert period.kind.tolist() == [0, -1]
    assert period.price == pytest.approx(4.0 * 0.75)
    assert period.paid.tolist() == [period.price, 0.0]


def test_a_robot_changes_nothing_in_a_draw_and_a_later_draw() -> None:
    market = replace(SCARCE, kinds=1, choices=1, cancelled=0.5)
    people = agents.citizens(market, np.random.default_rng(1))
    setting = Setting(market, Scalpers(), MAWID, people, people)
    expected = Chances(race=np.array([0.5]), again=np.array([0.5]))

    without = run(setting, Business.NONE, 0, expected)
    ordered = run(setting, Business.ORDERS, 100, expected)

    assert ordered.kind.tolist() == without.kind.tolist()
    assert without.left.any()
    assert not ordered.paid.any()


@st.composite
def periods(draw: st.DrawFn) -> tuple[Setting, Period, int]:
    kinds = draw(st.integers(1, 5))
    share = st.floats(0, 1)
    market = Market(
        places=draw(st.integers(1, 40)),
        demand=draw(st.floats(0, 4)),
        kinds=kinds,
        choices=draw(st.integers(1, kinds)),
        correlation=draw(share),
        cancelled=draw(share),
    )
    scalpers = Scalpers(speed=draw(st.floats(0.1, 1e6)), returned=draw(share))
    rules = Rules(drawn=draw(share), checked=False, at_once=draw(st.booleans()))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    people = agents.citizens(market, random)
    setting = Setting(market, scalpers, rules, people, agents.names(people, market, random))
    business = draw(st.sampled_from(Business))
    quantity = draw(st.integers(0, min(people.count, setting.held.count)))
    expected = Chances(random.random(kinds), random.random(kinds))
    return setting, run(setting, business, quantity, expected), quantity


@settings(max_examples=examples(100, nightly=300))
@given(periods())
def test_no_place_is_used_twice_and_nobody_pays_for_nothing_or_more_than_it_is_worth(
    played: tuple[Setting, Period, int],
) -> None:
    setting, period, _ = played
    market, people = setting.market, setting.people

    used = np.bincount(period.kind[period.kind >= 0], minlength=market.kinds)
    room = np.full(market.kinds, market.places // market.kinds) + (
        np.arange(market.kinds) < market.places % market.kinds
    )
    served = period.kind >= 0
    assert (used <= room).all()
    assert (people.wishes[served] == period.kind[served, None]).any(axis=1).all()
    assert not (served & period.left).any()
    assert not period.paid[~served & ~period.left].any()
    assert (period.paid <= people.value).all()
    assert int(served.sum()) + period.empty <= market.places


@given(periods())
def test_a_refusal_while_a_place_stays_empty_is_counted_as_waste(played: tuple[Setting, Period, int]) -> None:
    setting, period, _ = played
    used = np.bincount(period.kind[period.kind >= 0], minlength=setting.market.kinds)
    spare = np.full(setting.market.kinds, setting.market.places // setting.market.kinds) - used > 0
    waiting = (period.kind < 0) & ~period.left

    assert period.empty > 0 or not spare[setting.people.wishes[waiting]].any()


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        (Market, {"places": 0}),
        (Market, {"demand": -0.5}),
        (Market, {"demand": float("nan")}),
        (Market, {"choices": 11}),
        (Market, {"correlation": 1.5}),
        (Scalpers, {"speed": 0.0}),
        (Scalpers, {"capital": -1.0}),
        (Scalpers, {"returned": 2.0}),
        (Rules, {"drawn": 1.1, "checked": True, "at_once": True}),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(made: type[Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        made(**wrong)


def test_a_market_without_citizens_has_no_market() -> None:
    outcome = play(Market(places=10, demand=0.0), Scalpers(), IMMEDIATE, seed=1)

    assert (outcome.business, outcome.served, outcome.wasted, outcome.chance_low) == ("none", 0.0, 0.0, 0.0)
