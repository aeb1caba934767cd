import numpy as np
import pandas as pd
import pytest

from fraud.attackers import World, play, report
from fraud.attackers.costs import bills, pumping
from fraud.attackers.country import drawn, raced
from fraud.attackers.parameters import JUDGING_SEEDS, PRICES, TRAINING_SEEDS, TUNING_SEEDS
from fraud.attackers.report import shares
from fraud.attackers.training import history_of
from fraud.facts import FEATURES

pytestmark = pytest.mark.slow


def log(**columns):
    usual = {
        "kind": "broker", "honest": False, "phone": "p", "person": 1, "known": True, "tries": 1, "form_seconds": 60.0,
        "codes": 0, "proof_seconds": 0.0,
    }  # fmt: skip
    rows = max(len(values) for values in columns.values())
    return pd.DataFrame({name: [value] * rows for name, value in usual.items()} | columns)


def test_a_broker_pays_for_a_phone_and_for_time():
    bill = bills(log(person=[1, 2], codes=[1, 0], tries=[1, 3])).loc["broker"]

    minutes = (60 + 3 * 60) / 60 + 0.5 + 2 * 15
    assert bill["minutes"] == pytest.approx(minutes)
    assert bill["money"] == pytest.approx(2.0 + minutes * PRICES.human_minute)


def test_a_bot_pays_for_phones_addresses_identities_and_computing_but_no_time():
    bill = bills(
        log(
            kind=["bot"] * 3,
            person=[1, 2, 3],
            known=[True, False, False],
            phone=["p", "p", "q"],
            proof_seconds=[100.0, 0, 0],
        )
    ).loc["bot"]

    assert bill["minutes"] == 0
    assert bill["money"] == pytest.approx(2 * 0.15 + 3 * 0.001 + 1.0 + 100 * PRICES.cpu_second)


def test_honest_people_send_no_bill():
    assert bills(log(kind=["family"], honest=[True])).empty


def test_pumping_pays_by_the_codes_that_were_sent():
    assert pumping(1_000, 100) == pytest.approx(
        {"asked": 1_000, "sent": 100, "money": 2.0, "income": 2.0, "our_loss": 5.0}
    )


def test_a_race_goes_to_the_first_after_the_release_until_places_are_gone():
    eight, day = 8 * 3600.0, 86_400.0
    asks = pd.DataFrame(
        {
            "at": [eight + 3, eight + 1, eight + 2, eight - 1, day + eight, day + eight + 1],
            "party": [1, 2, 2, 1, 1, 1],
            "person": [1, 2, 3, 4, 2, 5],
        }
    )

    got = raced(asks, places=3, may=np.ones(6, dtype=bool))

    # The second party of two does not fit after the first; before eight it is the day before's race; 2 has a place.
    assert got.tolist() == [True, True, False, True, False, True]
    assert not raced(asks, places=3, may=np.zeros(6, dtype=bool)).any()


def test_a_draw_puts_more_losses_first_and_gives_each_person_one_number():
    class Waiting:
        def __init__(self, person, draws, party=1):
            self.people = [type("P", (), {"number": person + k}) for k in range(party)]
            self.draws = draws

    crowd = [Waiting(number, 0) for number in range(100)]
    loser = Waiting(1_000, 1)

    first = drawn([*crowd, loser], places=10, seed=1, day=1)
    assert first[0] is loser
    assert [ask.people[0].number for ask in first] == [
        ask.people[0].number for ask in drawn([loser, *reversed(crowd)], places=10, seed=1, day=1)
    ]
    assert first != drawn([*crowd, loser], places=10, seed=1, day=2)


def test_a_report_can_mix_seasons_with_and_without_attackers():
    quiet, usual = (play(3, World(people=1_000, days=7, pumped=1_000, strength=strength)) for strength in (0.0, 1.0))

    assert report(quiet).attackers.empty
    together = report([quiet, usual])
    assert together.attackers["money"].notna().all()
    assert together.attackers.loc["farm", "money"] == report(usual).attackers.loc["farm", "money"] / 2


def test_intervals_are_wilsons():
    found = shares(pd.Series([0, 5]), pd.Series([100, 10]))

    assert found["share"].tolist() == [0, 0.5]
    assert found["low"].tolist() == pytest.approx([0, 0.2366], abs=1e-4)
    assert found["high"].tolist() == pytest.approx([0.0370, 0.7634], abs=1e-4)


def test_seeds_of_training_tuning_and_judging_are_apart():
    assert len({*TRAINING_SEEDS, *TUNING_SEEDS, *JUDGING_SEEDS}) == 3 + 4 + 10


@pytest.mark.slow
def test_the_report_adds_up(seasons):
    told = report(seasons)

    asks = pd.concat([season.asks for season in seasons])
    assert told.honest.loc["all honest", "requests"] == asks["honest"].sum() / 2
    assert told.honest.loc["all honest", "chance"] == pytest.approx(1)
    assert told.attackers["requests"].sum() == (~asks["honest"]).sum() / 2
    assert (told.attackers["kept"] <= told.attackers["places"]).all()
    assert told.attackers["share"].between(0, 1).all()


@pytest.mark.slow
def test_small_seasons_keep_the_targets_with_room_for_chance(seasons):
    targets = report(seasons).targets

    worst = targets["worst"]
    assert worst["bots' share of places"] < 0.02
    assert worst["hoarders' share of places"] < 0.02
    assert worst["honest requests refused"] < 0.003
    assert worst["honest requests challenged"] < 0.04
    assert targets.loc["brokers' chance", "met"]
    assert targets.loc["farms' chance", "met"]


@pytest.mark.slow
def test_without_the_draw_the_same_bots_would_take_many_places(seasons):
    attackers = report(seasons).attackers

    assert attackers.loc[["bot", "rotating bot"], "open_race"].sum() > 0.2
    assert attackers.loc["broker", "race"] > 1.2 * attackers.loc["broker", "share"]


def test_a_history_to_learn_from_holds_what_a_score_would_have_seen(small):
    history = history_of([small])

    assert set(FEATURES) < set(history)
    assert history["time"].is_monotonic_increasing
    assert len(history) == (small.asks["number"] >= 0).sum() - (small.asks["decision"] == "refuse").sum()
    found = history.groupby("kind")["label"].mean()
    assert found["single"] < 0.02
    assert 0.4 < found["broker"] < found["hoarder"]
