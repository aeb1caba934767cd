import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.scoring.evaluate import Z_99, EvaluationError, interval
from fraud.scoring.fairness import (
    AGE_BANDS,
    ScorePolicy,
    against_others,
    age_band,
    breaches,
    capacity_threshold,
    choose_thresholds,
    fairness_report,
    threshold_curve,
)
from fraud.scoring.fitting import days_of


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


def test_the_threshold_of_officers_time_lets_through_what_they_can_look_at():
    scores = [0.9, 0.8, 0.7, 0.6, 0.5]

    line = capacity_threshold(scores, days=2, per_day=1)  # two cases in two days

    assert [score >= line for score in scores] == [True, True, False, False, False]


def test_equal_scores_are_treated_alike_where_not_all_of_them_fit():
    scores = [0.9, 0.8, 0.8, 0.8]

    line = capacity_threshold(scores, days=1, per_day=2)

    assert [score >= line for score in scores] == [True, False, False, False]


def test_with_time_for_everyone_everyone_may_be_a_case():
    assert capacity_threshold([0.9, 0.001], days=1, per_day=2) <= 0.001


def test_a_fraction_of_a_case_a_day_adds_up_over_days():
    scores = [0.9, 0.8, 0.7]

    assert sum(score >= capacity_threshold(scores, days=4, per_day=0.5) for score in scores) == 2
    assert sum(score >= capacity_threshold(scores, days=4, per_day=0.2) for score in scores) == 0


@pytest.mark.parametrize(("scores", "days"), [([], 1), ([0.5], 0), ([0.5], float("nan"))])
def test_a_capacity_needs_scores_and_days(scores, days):
    with pytest.raises(EvaluationError, match="needs scores"):
        capacity_threshold(scores, days=days, per_day=200)


# Ten hoarders above 0.9, ninety honest requests at 0.01, 0.02, ... 0.90.
LABELS = [True] * 10 + [False] * 90
SCORES = [0.91 + number / 1000 for number in range(10)] + [(number + 1) / 100 for number in range(90)]


def chosen(**policy):
    lines = choose_thresholds(LABELS, SCORES, days=1, policy=ScorePolicy(**policy))
    score, honest = np.array(SCORES), ~np.array(LABELS)
    return [
        (int((score >= line).sum()), int((score[honest] >= line).sum())) for line in (lines.review, lines.challenge)
    ]


def test_the_ceiling_on_wrongly_troubled_people_decides_if_officers_have_time():
    # Of 90 honest requests at most nine may be challenged, and one reviewed.
    reviewed, challenged = chosen(honest_challenged_most=0.1, honest_reviewed_most=0.012)

    assert reviewed == (11, 1)
    assert challenged == (19, 9)


def test_officers_time_decides_where_it_is_short():
    reviewed, challenged = chosen(review_capacity_per_day=4, honest_challenged_most=0.1, honest_reviewed_most=0.012)

    assert reviewed == (4, 0)
    assert challenged == (19, 9)


def test_where_more_may_be_reviewed_than_challenged_both_lines_are_one():
    lines = choose_thresholds(
        LABELS, SCORES, days=1, policy=ScorePolicy(honest_challenged_most=0.01, honest_reviewed_most=0.5)
    )

    assert lines.challenge == lines.review


def test_two_hundred_cases_a_day_and_two_in_a_hundred_are_the_default():
    policy = ScorePolicy()

    assert policy.review_capacity_per_day == 200
    assert (policy.honest_challenged_most, policy.honest_reviewed_most) == (0.02, 0.002)


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=80),
    st.floats(0.5, 30),
    st.integers(0, 20),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_no_chosen_line_ever_breaks_a_bound(rows, days, capacity, challenged, reviewed):
    labels, scores = np.array([label for label, _ in rows]), np.array([score for _, score in rows])
    labels[:2] = (True, False)
    policy = ScorePolicy(capacity, challenged, reviewed)

    lines = choose_thresholds(labels, scores, days=days, policy=policy)

    honest = scores[~labels]
    assert 0 < lines.challenge <= lines.review
    assert (scores >= lines.review).sum() <= capacity * days
    assert np.mean(honest >= lines.review) <= reviewed
    assert np.mean(honest >= lines.challenge) <= challenged


def test_the_curve_of_a_hand_worked_case():
    labels = [True, False, None, True, False]
    scores = [0.9, 0.8, 0.7, 0.6, 0.1]

    curve = threshold_curve(labels, scores, days=2).set_index("threshold")

    assert curve.index.tolist() == [0.9, 0.8, 0.7, 0.6, 0.1]
    row = curve.loc[0.7]
    assert row["cases_per_day"] == 1.5  # what nobody knows anything about is a case, too
    assert row["honest_troubled"] == 0.5
    assert row["hoarders_found"] == 0.5
    assert row["precision"] == 0.5
    assert curve.loc[0.1].tolist() == [2.5, 1, 1, 0.5]


def test_a_curve_without_labels_counts_cases_and_claims_nothing_else():
    curve = threshold_curve([None, None], [0.2, 0.4], days=1)

    assert curve["cases_per_day"].tolist() == [1, 2]
    assert curve[["honest_troubled", "hoarders_found", "precision"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("labels", "scores", "days"),
    [([True], [0.1, 0.2], 1), ([True, False], [0.1, 0.2], 0), ([True], [float("nan")], 1), ([], [], 1)],
)
def test_a_curve_without_what_it_needs_is_refused(labels, scores, days):
    with pytest.raises(EvaluationError):
        threshold_curve(labels, scores, days=days)


def test_days_count_from_the_first_row_to_the_last_or_until_now():
    rows = pd.DataFrame({"time": pd.to_datetime(["2026-11-01", "2026-11-04"], utc=True)})

    assert days_of(rows) == 3
    assert days_of(rows, until=pd.Timestamp("2026-11-11", tz="UTC")) == 10
    assert days_of(rows.head(1)) == 1
