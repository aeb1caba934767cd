from datetime import timedelta

import pytest

from fraud.facts import SCHEMA
from fraud.gate import Decision, judge
from fraud.limiting.limits import SUBJECTS, Limit, LimitDecision
from fraud.reasons import LANGUAGES, REASONS, UnknownReasonError, explain
from fraud.rules.rule_set import default_rules, parse_rules
from fraud.scoring.artifact import Thresholds
from fraud.stage_times import BOUNDS, StageTimes

RULES = parse_rules("""
[[rule]]
name = "many-on-phone"
when = "people_on_phone_30d > 6"
then = "review"
say = {ar = "هاتف مشترك", en = "Shared phone"}

[[rule]]
name = "quick-hand"
when = "form_seconds < 5"
then = "challenge"
say = {ar = "استمارة سريعة", en = "Quick form"}
""")


def limits(*, allowed=True, degraded=False, subject="person"):
    tightest = Limit(subject, timedelta(hours=1), 8)
    return LimitDecision(
        allowed=allowed,
        tightest=tightest,
        remaining=0,
        retry_after_seconds=0,
        reset=0,
        degraded=degraded,
        version="a version",
    )


@pytest.fixture
def verdict(hard, facts):
    def make(hard_facts=None, limit=None, model=None, thresholds=None, **changes):
        return judge(
            hard=hard_facts or hard(),
            facts=facts(**changes),
            limits=limit or limits(),
            rules=RULES,
            model=model,
            thresholds=thresholds,
        )

    return make


def codes(verdict):
    return [reason.code for reason in verdict.reasons]


def test_an_ordinary_request_is_accepted_without_a_word(verdict, model):
    judged = verdict(model=model)

    assert judged.decision is Decision.ACCEPT
    assert judged.reasons == ()
    assert 0 <= judged.score < model.thresholds.challenge
    assert judged.versions == {"rules": RULES.version, "model": model.version, "limits": "a version"}
    assert not judged.degraded


def test_a_hard_fact_refuses_and_nothing_else_is_asked(verdict, hard, model):
    judged = verdict(hard_facts=hard(has_live_request=True), model=model, people_on_phone_30d=50)

    assert judged.decision is Decision.REFUSE
    assert codes(judged) == ["hard.live_request"]
    assert judged.score is None


def test_a_refusal_during_an_outage_is_still_marked_degraded(verdict, hard):
    assert verdict(hard_facts=hard(age_eligible=False), limit=limits(degraded=True)).degraded


def test_a_rule_leads_to_what_it_says(verdict):
    assert verdict(form_seconds=2.0).decision is Decision.CHALLENGE
    assert verdict(people_on_phone_30d=7).decision is Decision.REVIEW


def test_the_hardest_outcome_wins_and_all_reasons_are_given(verdict):
    judged = verdict(form_seconds=2.0, people_on_phone_30d=7, limit=limits(allowed=False, subject="device"))

    assert judged.decision is Decision.REVIEW
    assert codes(judged) == ["limit.device", "rule.many-on-phone", "rule.quick-hand"]


def test_a_reached_limit_asks_for_a_challenge_and_never_refuses(verdict):
    judged = verdict(limit=limits(allowed=False, subject="network"))

    assert judged.decision is Decision.CHALLENGE
    assert codes(judged) == ["limit.network"]


def test_while_the_limits_are_degraded_everyone_is_challenged(verdict):
    judged = verdict(limit=limits(degraded=True))

    assert judged.decision is Decision.CHALLENGE
    assert codes(judged) == ["limit.degraded"]
    assert judged.degraded


def test_a_degraded_request_that_needs_review_is_reviewed(verdict):
    assert verdict(limit=limits(degraded=True), people_on_phone_30d=7).decision is Decision.REVIEW


@pytest.mark.parametrize(
    ("challenge", "review", "decision"),
    [(0.9, 0.95, Decision.ACCEPT), (1e-9, 0.95, Decision.CHALLENGE), (1e-10, 1e-9, Decision.REVIEW)],
)
def test_a_score_leads_at_most_to_review(verdict, model, challenge, review, decision):
    judged = verdict(model=model, thresholds=Thresholds(challenge, review))

    assert judged.decision is decision


def test_no_combination_without_a_hard_fact_refuses(verdict, model):
    """The worst value of every fact, a reached limit, an outage and the strictest thresholds."""
    worst = {fact.name: fact.high if fact.kind != "flag" else True for fact in SCHEMA} | {"form_seconds": 0.0}

    judged = verdict(
        limit=limits(allowed=False, degraded=True), model=model, thresholds=Thresholds(1e-300, 1e-300), **worst
    )

    assert judged.decision is Decision.REVIEW


def test_history_is_judged_without_limits(hard, facts):
    judged = judge(hard=hard(), facts=facts(), limits=None, rules=default_rules())

    assert judged.decision is Decision.ACCEPT
    assert judged.score is None
    assert judged.versions == {"rules": default_rules().version}


def test_the_same_request_is_judged_the_same(verdict, model):
    assert verdict(model=model, people_on_phone_30d=7) == verdict(model=model, people_on_phone_30d=7)


def test_every_reason_has_words_in_both_languages():
    for code in REASONS:
        assert any("\u0600" <= letter <= "\u06ff" for letter in explain(code, "ar"))
        assert explain(code, "en").isascii()
        assert all(explain(code, language).endswith(".") for language in LANGUAGES)


def test_every_limited_subject_has_a_reason():
    assert {f"limit.{subject}" for subject in SUBJECTS} <= set(REASONS)


def test_a_reason_is_stored_as_plain_data():
    assert REASONS["limit.phone"].as_dict() == {
        "code": "limit.phone",
        "ar": explain("limit.phone", "ar"),
        "en": explain("limit.phone", "en"),
    }


def test_a_reason_nobody_knows_is_an_error():
    with pytest.raises(UnknownReasonError):
        explain("hard.dislike", "en")


def test_a_verdict_has_the_time_of_each_stage_and_a_refusal_ends_the_stages(verdict, hard, model):
    judged = verdict(model=model)
    refused = verdict(hard(registry_knows_person=False), model=model)

    assert set(judged.seconds) == {"hard", "rules", "score"}
    assert set(refused.seconds) == {"hard"}
    assert all(seconds >= 0 for seconds in judged.seconds.values())


def test_equal_verdicts_are_equal_though_they_took_different_times(verdict, model):
    assert verdict(model=model) == verdict(model=model)


def test_times_are_counted_in_buckets_by_stage():
    times = StageTimes()
    times.observe({"rules": 0.00004, "score": 10.0})
    times.observe({"rules": BOUNDS[0]})

    read = times.read()
    assert [number for number, count in enumerate(read["rules"][0]) if count] == [0, 2]
    assert read["score"] == ([0] * len(BOUNDS) + [1], 10.0)
