import pandas as pd
import pytest

from fraud.attackers.parameters import PRICES, World
from fraud.hunting.ledger import CASE_MINUTES, CLIENT_MINUTES, drawn_figures, mean_of, raced_figures

USUAL = {
    "kind": "single", "honest": True, "at": 3_600.0, "party": 1, "person": 1, "known": True, "account": "a",
    "helper": False, "phone": "p", "resold": False, "form_seconds": 60.0, "role": "", "tries": 1, "codes": 0,
    "proof_seconds": 0.0, "number": 0, "state": "not drawn", "decision": "accept", "officer": "",
}  # fmt: skip


def log(*rows):
    return pd.DataFrame([USUAL | {"person": place, "number": place} | row for place, row in enumerate(rows)])


def broker(**about):
    return {"kind": "broker", "honest": False, "role": "client", "phone": "b", "account": "b"} | about


def hoarder(**about):
    return {"kind": "hoarder", "honest": False, "phone": "h", "account": "h"} | about


def test_a_brokers_clients_pay_for_what_they_had_not_got_alone():
    found = drawn_figures(log({"state": "served"}, {}, broker(state="served"), broker(state="lapsed")))["broker"]

    minutes = 2 * CLIENT_MINUTES + 2 * 60 / 60
    money = 2.0 + minutes * PRICES.human_minute
    assert (found["paid"], found["sold"]) == (2, 2 - 2 * 0.5)  # every second honest request of the day has a place
    assert found["money"] == pytest.approx(money)
    assert found["profit"] == pytest.approx(PRICES.place - money)
    assert found["credulous"] == pytest.approx(2 * PRICES.place - money)
    # With the luck of the lot taken out: three of the four that came into the draw were drawn.
    assert found["expected"] == pytest.approx(PRICES.place * (2 * 0.75 - 1) - money)
    assert (found["places"], found["share"]) == (2, 0)


def test_nobody_pays_in_an_account_that_an_officer_found_out_and_its_phone_is_lost():
    kept = drawn_figures(log({"state": "served"}, broker(state="served"), broker(state="refused")))["broker"]
    lost = drawn_figures(log({"state": "served"}, broker(state="served"), broker(state="refused", officer="refused")))[
        "broker"
    ]

    assert (kept["paid"], lost["paid"]) == (1, 0)
    assert lost["money"] == pytest.approx(kept["money"] + 2.0)
    # nor do they ask a price back for what they had got without
    assert lost["profit"] == lost["expected"] == lost["credulous"] == -lost["money"]


def test_a_hoarder_pays_for_borrowed_names_and_only_buyers_pay_back():
    found = drawn_figures(
        log({}, hoarder(state="cancelled", resold=True), hoarder(state="drawn", role="buyer"), hoarder(role="cover"))
    )["hoarder"]

    minutes = 2 * CLIENT_MINUTES + 3 * 60 / 60
    assert found["money"] == pytest.approx(2.0 + 10.0 + minutes * PRICES.human_minute)
    assert (found["paid"], found["places"], found["share"]) == (1, 2, 0.5)  # the buyer is no false name


def test_an_owner_pays_a_squatter_who_kept_the_place_and_nobody_for_one_that_lapsed():
    squat = {"kind": "squatter", "honest": False, "role": "owner", "phone": "s"}
    found = drawn_figures(
        log(*(squat | {"state": state, "account": state} for state in ("drawn", "lapsed", "contested")))
    )["squatter"]

    assert found["sold"] == found["paid"] == 1
    assert found["money"] == pytest.approx(
        (1 + 1) * 0.15 + 3 * 0.01 + 3 * 0.05 + 2 * CLIENT_MINUTES * PRICES.human_minute
    )


def test_a_front_costs_its_licence():
    plain, front = (drawn_figures(log({}, broker(helper=one)))["broker"]["money"] for one in (False, True))

    assert front == pytest.approx(plain + PRICES.front)


def test_in_a_race_a_place_goes_to_its_buyer_at_once():
    eight = 8 * 3_600.0
    asks = log(
        {"at": eight + 9, "state": "wanted"},
        hoarder(at=eight + 1, resold=True, state="wanted", number=-1),
        hoarder(at=eight + 2, state="wanted", number=-1),
    )

    found = raced_figures(asks, World(people=2, days=1, demand=1.0))["hoarder"]

    assert (found["places"], found["paid"], found["sold"]) == (2, 1, 1)
    assert found["share"] == 1


def test_honest_people_and_officers_are_counted():
    found = drawn_figures(
        log(
            {"kind": "family", "decision": "challenge"},
            {"kind": "family"},
            {"decision": "review", "officer": "refused"},
            broker(decision="review"),
        )
    )

    assert found["family"] == {"requests": 2, "challenged": 0.5, "reviewed": 0, "refused": 0}
    assert found["honest"]["refused"] == pytest.approx(1 / 3)
    assert found["officers"] == {"cases": 2, "hours": 2 * CASE_MINUTES / 60}


def test_means_count_a_kind_that_a_season_lacks_as_nothing():
    assert mean_of([{"bot": {"profit": 4.0}}, {"bot": {"profit": 0.0}, "farm": {"profit": 2.0}}]) == {
        "bot": {"profit": 2.0},
        "farm": {"profit": 1.0},
    }
