import pytest

from fraud.facts import FEATURES, SCHEMA
from fraud.gate import Decision, judge
from fraud.rules.rule_set import parse_rules
from fraud.scoring.artifact import Thresholds
from fraud.scoring.trees import Contributions
from fraud.scoring.words import LEAST, MOST, named, score_reasons

pytestmark = pytest.mark.slow

NO_RULES = parse_rules("")


@pytest.fixture
def told(hard, facts, model):
    def make(**changes):
        return judge(hard=hard(), facts=facts(**changes), limits=None, rules=NO_RULES, model=model)

    return make


def contributions(**parts):
    return Contributions(-3.0, tuple(parts.get(name, 0.0) for name in FEATURES))


def test_a_suspicious_score_names_the_facts_that_raised_it_most(told):
    verdict = told(form_seconds=4.0, people_on_phone_30d=40, requests_from_device_1h=30, account_age_hours=2.0)

    codes = [reason.code for reason in verdict.reasons]
    assert verdict.decision is Decision.REVIEW
    assert codes[0] == "score.review"
    assert 1 <= len(codes) - 1 <= MOST
    assert set(codes[1:]) <= {f"fact.{name}" for name in FEATURES}
    raised = sorted(verdict.contributions, key=lambda name: -verdict.contributions[name])
    assert [code.removeprefix("fact.") for code in codes[1:]] == [n for n in raised if n != "baseline"][
        : len(codes) - 1
    ]


def test_what_is_stored_with_the_verdict_adds_up_to_the_score(told, model):
    for seconds in (1.0, 30.0, 200.0):
        verdict = told(form_seconds=seconds)
        assert model.calibrated(sum(verdict.contributions.values())) == verdict.score


def test_an_ordinary_request_has_contributions_and_no_reasons(told):
    verdict = told()

    assert verdict.reasons == ()
    assert verdict.contributions


def test_only_the_few_facts_that_raised_the_score_are_named(facts):
    parts = contributions(
        form_seconds=2.0, people_on_phone_30d=1.0, hour_of_day=0.5, party_size=0.4, people_by_account=-3.0
    )

    reasons = score_reasons(parts, facts(form_seconds=4.4, people_on_phone_30d=9))

    assert [reason.code for reason in reasons] == ["fact.form_seconds", "fact.people_on_phone_30d", "fact.hour_of_day"]
    assert reasons[0].en == "What counted: seconds from the first page of the form to sending it (4)."
    assert reasons[1].ar.endswith("(9).")
    assert score_reasons(contributions(form_seconds=LEAST / 2), facts()) == ()


@pytest.mark.parametrize("fact", SCHEMA, ids=lambda fact: fact.name)
def test_every_fact_has_a_sentence_in_both_languages_that_names_its_value(fact, facts):
    (reason,) = score_reasons(contributions(**{fact.name: 1.0}), facts())

    assert reason.code == f"fact.{fact.name}"
    assert any("\u0600" <= letter <= "\u06ff" for letter in reason.ar)
    assert reason.ar.startswith("مما أُخذ في الحسبان")
    assert reason.en.startswith("What counted: ")
    assert reason.en.endswith(").")
    assert not any(word in reason.en.lower() for word in ("fraud", "suspicious", "broker", "bot "))


def test_contributions_are_stored_by_name_without_zeros():
    assert named(contributions(form_seconds=0.5)) == {"baseline": -3.0, "form_seconds": 0.5}


def test_the_strictest_thresholds_still_only_ask_for_a_review(hard, facts, model):
    verdict = judge(
        hard=hard(), facts=facts(), limits=None, rules=NO_RULES, model=model, thresholds=Thresholds(1e-300, 1e-300)
    )

    assert verdict.decision is Decision.REVIEW
