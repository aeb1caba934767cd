"""What an analyst does at a terminal, in the order of the guide."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from booking.antifraud.gate.watching import measure_drift
from booking.entrypoints.commands.fraud_models import day_begins
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.platform.models import GateMeasure, ModelVersion, ShadowScore, Verdict
from fraud.scoring.evaluate import EvaluationError
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import PASSWORD, a_request


@pytest.fixture
def analysts(mawid):
    for number, name in enumerate(("lina", "rami")):
        told = mawid(
            *("staff", "add", name, f"+96394500000{number}", "--role", "analyst"), typed=f"{PASSWORD}\n{PASSWORD}\n"
        )
        assert f"{name} is analyst" in told
    return "lina", "rami"


def judging(core):
    """The version of the model that judges one more request."""
    a_request(core)
    with core.sessions() as session:
        return session.scalars(select(Verdict.versions).order_by(Verdict.decided_at.desc()).limit(1)).one()["model"][0]


def test_a_model_is_trained_shadowed_activated_by_a_second_person_and_rolled_back(country, mawid, analysts):
    told = mawid("fraud", "train", "--rows", 4_000, "--seed", 5, "--by", "lina")
    assert "model 2 is a draft; next: mawid fraud shadow 2 --by lina" in told
    assert "roc_auc 0.9" in told
    assert judging(country) == "1"
    with pytest.raises(IllegalMoveError):
        mawid("fraud", "activate", "model", 2, "--by", "rami")

    assert "scores in shadow; it decides nothing" in mawid("fraud", "shadow", 2, "--by", "lina")
    country.clock.advance(timedelta(minutes=5))
    assert [judging(country) for _ in range(3)] == ["1", "1", "1"]
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ShadowScore)) == 3
    country.clock.advance(timedelta(minutes=5))
    compared = mawid("fraud", "shadow")
    assert "model 2 in shadow; the same step for 100.0% of requests" in compared
    assert "residence: home" in compared

    with pytest.raises(SecondPersonNeededError):
        mawid("fraud", "activate", "model", 2, "--by", "lina")
    assert judging(country) == "1"
    assert mawid("fraud", "activate", "model", 2, "--by", "rami") == "model 2 is active\n"
    assert judging(country) == "2"
    with pytest.raises(NotFoundError):
        mawid("fraud", "shadow")

    listed = mawid("fraud", "versions").splitlines()
    assert listed[0].startswith(
        "   2  active  2026-11-01 06:00 by lina, activated 2026-11-01 06:10 by rami; roc_auc 0.9"
    )
    assert listed[1].startswith(
        "   1  retired 2026-11-01 06:00 by the system, activated 2026-11-01 06:00 by the system"
    )

    assert mawid("fraud", "rollback", "model", "--by", "rami") == "model 1 is active again\n"
    assert judging(country) == "1"


def test_training_needs_a_named_analyst_except_for_the_first_model(country, mawid, analysts):
    code, told = mawid("fraud", "train", "--rows", 4_000)

    assert code == 2
    assert "--by says which analyst proposes it" in told
    with country.sessions() as session:
        assert session.scalars(select(ModelVersion.version)).all() == [1]
    with pytest.raises(NotFoundError):
        mawid("fraud", "train", "--rows", 4_000, "--by", "nobody")


def test_a_training_day_is_in_the_countrys_time_and_not_in_the_future(country, mawid, analysts):
    code, told = mawid("fraud", "train", "--as-of", "2026-10-01", "--by", "lina")
    assert (code, "--from-history" in told) == (2, True)

    begins = day_begins(country, datetime(2026, 10, 1))  # noqa: DTZ001 -- as the command line gives it
    assert begins.isoformat() == "2026-10-01T00:00:00+03:00"
    assert day_begins(country, None) == country.clock.now()


def test_an_officer_keeps_that_a_place_was_resold_and_an_analyst_cannot(country, mawid, analysts):
    _, reference = under_review(country)
    told = mawid(
        *("staff", "add", "nour", "+963945000009", "--role", "officer", "--office", "damascus"),
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert "nour is officer" in told

    with pytest.raises(ForbiddenError):
        mawid("fraud", "resold", reference, "--by", "lina", "--note", "an advertisement")
    told = mawid("fraud", "resold", reference, "--by", "nour", "--note", "an advertisement")

    assert told == f"kept: {reference} was resold; the next training knows it\n"


def test_commands_print_drift_thresholds_and_card_of_the_active_model(country, mawid):
    for _ in range(3):
        a_request(country)
    country.clock.advance(timedelta(days=1))

    drift = mawid("fraud", "drift")
    assert "too few" in drift
    assert "scores against what became known:\nnone" in drift
    thresholds = mawid("fraud", "thresholds")
    assert thresholds.split()[:3] == ["threshold", "cases_per_day", "honest_troubled"]
    assert "3" in thresholds.splitlines()[-1].split()[1]  # three in the one day that there was, and not in thirty
    card = mawid("fraud", "card")
    assert card.startswith("# Model card: the active model\n")
    assert "**simulated** history" in card
    assert mawid("fraud", "fairness").endswith("no group is troubled more than the policy allows\n")


def test_too_few_requests_are_not_measured_for_an_alarm(country):
    for _ in range(3):
        a_request(country)
    country.clock.advance(timedelta(hours=1))

    assert measure_drift(country) == 0
    with country.sessions() as session:
        assert session.scalars(select(GateMeasure)).all() == []


def test_thresholds_need_at_least_one_scored_request(country, mawid):
    with pytest.raises(EvaluationError, match="no request has a score"):
        mawid("fraud", "thresholds")
