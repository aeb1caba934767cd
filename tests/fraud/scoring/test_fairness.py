import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.scoring.evaluate import Z_99, interval
from fraud.scoring.fairness import AGE_BANDS, against_others, age_band, breaches, fairness_report


def honest(**groups):
    """Honest requests: for each group how many, and how many of them are challenged and reviewed."""
    parts = [
        pd.DataFrame(
            {
                "region": name,
                "challenged": np.arange(people) < challenged,
                "reviewed": np.arange(people) < reviewed,
            }
        )
        for name, (people, challenged, reviewed) in groups.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_report_of_a_hand_worked_case():
    told = fairness_report(honest(north=(40, 10, 4), south=(60, 3, 0)), ["region"])

    assert told["group"].tolist() == ["region: north", "region: south"] * 2
    assert told["what"].tolist() == ["challenged"] * 2 + ["reviewed"] * 2
    assert told["people"].tolist() == [40, 60, 40, 60]
    assert told["rate"].tolist() == [10 / 40, 3 / 60, 4 / 40, 0]
    assert told["others"].tolist() == [3 / 60, 10 / 40, 0, 4 / 40]


def test_the_gap_is_the_lower_end_of_newcombes_interval():
    told = fairness_report(honest(north=(400, 80, 0), south=(600, 30, 0)), ["region"]).iloc[0]
    low, _ = interval(0.2, 400, z=Z_99)
    _, high = interval(0.05, 600, z=Z_99)

    assert told["gap"] == pytest.approx(0.15 - np.hypot(0.2 - low, high - 0.05))
    assert 0.09 < told["gap"] < 0.15


def test_a_group_that_is_clearly_troubled_more_breaks_the_bound():
    told = fairness_report(honest(north=(400, 80, 60), south=(600, 6, 0)), ["region"])

    found = breaches(told, bound=0.05)

    assert [(breach.group, breach.what) for breach in found] == [
        ("region: north", "challenged"),
        ("region: north", "reviewed"),
    ]
    assert str(found[0]) == (
        "region: north: challenged 20.0 % of honest requests, others 1.0 %: "
        f"beyond chance at least {100 * found[0].gap:.1f} % more"
    )
    assert breaches(told, bound=0.2) == []


def test_people_of_unknown_group_are_a_group():
    told = fairness_report(honest(north=(4, 2, 0), south=(4, 0, 0)).replace("south", None), ["region"])

    assert told["group"].tolist()[:2] == ["region: north", "region: unknown"]


def test_one_challenged_person_of_three_proves_nothing():
    assert breaches(fairness_report(honest(north=(3, 1, 0), south=(900, 9, 0)), ["region"]), bound=0.05) == []


def test_one_challenged_person_proves_nothing_and_twenty_of_twenty_do():
    assert breaches(fairness_report(honest(north=(19, 19, 0), south=(900, 0, 0)), ["region"]), bound=0.05) == []
    assert breaches(fairness_report(honest(north=(20, 20, 0), south=(900, 0, 0)), ["region"]), bound=0.05) != []


def test_a_comparison_with_three_others_proves_nothing_either():
    """Nearly everyone is in one group, and of the few others nobody happens to be challenged."""
    told = fairness_report(honest(north=(1_000, 100, 0), south=(3, 0, 0)), ["region"])

    assert told["rate"][0] - told["others"][0] == 0.1
    assert breaches(told, bound=0.05) == []


def test_a_group_of_everyone_is_compared_with_nobody():
    told = fairness_report(honest(north=(900, 300, 300)), ["region"])

    assert told["others"].tolist() == told["rate"].tolist()
    assert breaches(told, bound=0.0) == []


def test_nothing_is_claimed_without_honest_people():
    told = fairness_report(honest(north=(1, 0, 0)).head(0), ["region"])

    assert told.empty
    assert breaches(told, bound=0.0) == []


counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(counts, counts)
def test_the_gap_is_never_more_than_was_seen_and_only_one_group_is_worse(north, south):
    gaps = []
    for (people, hits), (rest, other_hits) in ((north, south), (south, north)):
        rate = hits / people
        low, high, others, gap = against_others(rate, people, hits + other_hits, people + rest)
        assert others == other_hits / rest
        assert gap <= rate - others + 1e-12
        assert low - 1e-12 <= rate <= high + 1e-12
        gaps.append(gap)
    assert sum(gap > 0 for gap in gaps) <= 1


def test_the_report_compares_each_group_with_all_others():
    told = fairness_report(honest(north=(40, 10, 4), south=(60, 3, 0), east=(7, 7, 1)), ["region"])

    for what, hits in (("challenged", {"north": 10, "south": 3, "east": 7}), ("reviewed", {"north": 4, "east": 1})):
        rows = told[told["what"] == what].set_index("group")
        for name, people in (("north", 40), ("south", 60), ("east", 7)):
            compared = against_others(hits.get(name, 0) / people, people, sum(hits.values()), 107)
            assert rows.loc[f"region: {name}", ["low", "high", "others", "gap"]].tolist() == pytest.approx(compared)


def test_ages_have_bands_without_gaps():
    assert [age_band(age) for age in (0, 17, 18, 29, 30, 59, 60, 110)] == [
        "under 18",
        "under 18",
        "18-29",
        "18-29",
        "30-44",
        "45-59",
        "60 and over",
        "60 and over",
    ]
    assert len({age_band(age) for age in range(120)}) == len(AGE_BANDS) + 1
