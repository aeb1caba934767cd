"""What the applicant reads of why the gate decided: words for people, and nothing of what others did."""

import pytest

from fraud.gate import Decision, judge
from fraud.limiting.limits import LimitDecision
from fraud.reasons import REASONS, for_the_person
from fraud.rules.rule_set import default_rules, parse_rules

UNUSUAL = REASONS["score.review"].as_dict()


@pytest.fixture
def handed_back(hard, facts):
    """The stored reasons of a request for somebody who handed two places back, in whatever account."""
    limits = LimitDecision(
        allowed=True, tightest=None, remaining=0, retry_after_seconds=0, reset=0, degraded=False, version="one"
    )
    known = facts(handed_back_for_person_90d=2)
    verdict = judge(hard=hard(), facts=known, limits=limits, rules=default_rules(), model=None, thresholds=None)
    assert verdict.decision is Decision.REVIEW
    return [reason.as_dict() for reason in verdict.reasons]


def test_nobody_reads_that_places_were_handed_back_in_another_account(handed_back):
    """Words and code are those of a score: a spouse who asks for the same person learns nothing of them."""
    assert [reason["code"] for reason in handed_back] == ["rule.hands-places-back-again-and-again"]
    assert for_the_person(handed_back) == [UNUSUAL]


@pytest.mark.parametrize("then", ["challenge", "review"])
def test_a_rule_on_what_others_did_is_shown_as_the_score_whatever_it_says(then):
    say = {"ar": "أعدتم موعدين", "en": "You handed two places back"}
    when = "people_by_account < 3 and handed_back_for_person_90d > 0"
    [rule] = parse_rules(
        f'[[rule]]\nname = "tells"\nwhen = "{when}"\nthen = "{then}"\nsay = {{ar = "{say["ar"]}", en = "{say["en"]}"}}'
    ).rules
    assert for_the_person([rule.reason.as_dict()]) == [REASONS[f"score.{then}"].as_dict()]


def test_a_rule_with_the_words_of_the_score_is_shown_as_the_rule_that_it_is():
    assert for_the_person([{**UNUSUAL, "code": "rule.alike"}]) == [{**UNUSUAL, "code": "rule"}]


def test_what_a_rule_and_the_score_say_alike_is_said_once(handed_back):
    assert for_the_person([*handed_back, UNUSUAL]) == [UNUSUAL]


def test_a_rule_with_words_of_its_own_is_shown_as_a_rule():
    shown = for_the_person([{"code": "rule.many", "ar": "هاتف مشترك", "en": "Shared phone"}])
    assert shown == [{"code": "rule", "ar": "هاتف مشترك", "en": "Shared phone"}]
