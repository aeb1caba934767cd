import pandas as pd
import pytest

from fraud.rules.backtest import BacktestError, backtest, masked
from fraud.rules.rule_set import parse_rules

ACTIVE = """
[[rule]]
name = "many"
when = "people_on_phone_30d > 20"
then = "review"
say = {ar = "كثير", en = "Many"}
"""
DRAFT = """
[[rule]]
name = "many"
when = "people_on_phone_30d > 10"
then = "challenge"
say = {ar = "كثير", en = "Many"}
[[rule]]
name = "fast"
when = "form_seconds < 5"
then = "review"
say = {ar = "سريع", en = "Fast"}
"""


@pytest.fixture
def past(facts):
    """Rows of a history: what differs from an innocent request, and what is known of it."""

    def make(*rows):
        about = [
            {
                **facts(**changes).as_dict(),
                "reference": f"REF-{number:04d}",
                "person": f"person {number}",
                "at": pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(hours=number),
                "known": known,
                "office": "damascus",
                "service": "renewal",
                "age_band": "30-44",
                "residence": "home",
            }
            for number, (changes, known) in enumerate(rows)
        ]
        return pd.DataFrame(about)

    return make


MIXED = (
    ({"people_on_phone_30d": 15}, "served"),
    ({"people_on_phone_30d": 25}, "confirmed_fraud"),
    ({"people_on_phone_30d": 25, "form_seconds": 2.0}, "confirmed_fraud"),
    ({"form_seconds": 2.0}, "no_show"),
    ({}, "served"),
    ({}, "appeal_upheld"),
)


def tried(history):
    return backtest(history, parse_rules(DRAFT), parse_rules(ACTIVE))


def test_a_draft_is_compared_with_the_active_rules(past):
    found = tried(past(*MIXED))

    assert found.requests["draft"].tolist() == ["challenge", "challenge", "review", "review", "accept", "accept"]
    assert found.requests["active"].tolist() == ["accept", "review", "review", "accept", "accept", "accept"]
    assert found.changes().to_numpy().tolist() == [[2, 1, 1], [0, 0, 0], [0, 1, 1]]


def test_each_rule_is_listed_with_those_it_fires_on(past):
    assert tried(past(*MIXED)).by_rule().to_dict("index") == {
        "many": {"then": "challenge", "fires": 3, "alone": 2, "fraud": 2, "honest": 1, "others": 0, "unknown": 0},
        "fast": {"then": "review", "fires": 2, "alone": 1, "fraud": 1, "honest": 0, "others": 1, "unknown": 0},
    }


def test_what_is_known_now_is_set_against_both(past):
    known = tried(past(*MIXED)).by_known()

    assert known.loc["confirmed_fraud"].tolist() == [2, 1, 1, 0, 2]
    assert known.loc["served"].tolist() == [2, 1, 0, 0, 0]
    assert known.loc["open"].sum() == 0


def test_the_honest_who_are_troubled_are_estimated_with_an_interval(past):
    estimate = tried(past(*MIXED)).false_positives()

    assert estimate.loc["draft", ["troubled", "honest"]].tolist() == [1, 3]
    assert estimate.loc["draft", ["low", "high"]].tolist() == pytest.approx([0.0615, 0.7923], abs=1e-4)
    assert estimate.loc["active", "low"] == 0
    assert 0.5 < estimate.loc["active", "high"] < 0.6


def test_without_anyone_known_to_be_honest_the_interval_says_nothing(past):
    estimate = tried(past(({}, "open"))).false_positives()

    assert estimate.loc["draft", ["low", "high"]].tolist() == [0, 1]


def test_groups_of_fewer_than_five_people_are_counted_together(past):
    history = past(*[({}, "served")] * 16)
    history["office"] = ["damascus"] * 5 + ["homs"] * 4 + ["hama"] * 4 + ["aleppo"] * 3
    history.loc[4, "person"] = "person 3"  # five requests of four people
    history = pd.concat([history, history.tail(2).assign(office="tartus", person=["new", "newer"])], ignore_index=True)

    offices = tried(history).by_group("office")

    assert offices["requests"].to_dict() == {"5 groups of fewer than 5": 18}
    assert tried(history[:5]).by_group("office").empty
    assert tried(history[:13]).by_group("residence")["requests"].to_dict() == {"home": 13}


def test_examples_are_masked_and_only_those_that_the_draft_adds(past):
    examples = tried(past(*MIXED)).examples()

    assert examples["fired"].to_dict() == {"RE****00": "many", "RE****03": "fast"}
    assert not any(reference in str(examples) for reference in ("REF-0000", "REF-0003"))
    assert masked("KX7Q-29MD") == "KX*****MD"


def test_an_exception_of_that_time_holds_in_a_backtest(past):
    history = past(*MIXED).assign(exceptions=[("many",), ("*",), (), (), (), ()])

    assert tried(history).requests["draft"].tolist() == ["accept", "accept", "review", "review", "accept", "accept"]


def test_requests_that_know_other_facts_are_left_out_and_counted(past):
    history = past(*MIXED)
    history["form_seconds"] = history["form_seconds"].where(history.index > 1)

    found = tried(history)

    assert (len(found.requests), found.left_out) == (4, 2)
    assert set(found.tables()) > {"rules", "by office", "examples"}


def test_an_empty_history_gives_empty_tables(past):
    found = tried(past(({}, "served"))[:0])

    assert found.changes().to_numpy().sum() == 0
    assert all(len(table) >= 0 for table in found.tables().values())


def test_a_history_that_cannot_be_used_is_refused(past):
    with pytest.raises(BacktestError, match="no column known"):
        tried(past(({}, "served")).drop(columns="known"))
    with pytest.raises(BacktestError, match="unknown words: eaten"):
        tried(past(({}, "eaten")))


LATER_FACT = """
[[rule]]
name = "lost"
when = "claims_ended_365d > 0"
then = "review"
say = {ar = "انتهى", en = "Ended"}
"""


def test_of_verdicts_older_than_a_fact_it_is_unknown_whether_its_rule_would_fire(past):
    history = past(({"claims_ended_365d": 2}, "open"), ({"people_on_phone_30d": 15}, "served"), ({}, "open"))
    history["claims_ended_365d"] = history["claims_ended_365d"].where(history.index == 0)

    found = backtest(history, parse_rules(DRAFT + LATER_FACT), parse_rules(ACTIVE + LATER_FACT))

    assert (len(found.requests), found.left_out) == (3, 0)
    assert found.requests["draft"].tolist() == ["review", "challenge", "accept"]
    assert found.requests["active"].tolist() == ["review", "accept", "accept"]
    assert found.by_rule()["unknown"].to_dict() == {"many": 0, "fast": 0, "lost": 2}
