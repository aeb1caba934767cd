import pytest

from fraud.rules.changes import Bound, Change, changes, facts_of
from fraud.rules.rule_set import default_rules, parse_rules

RULE = """
[[rule]]
name = "{name}"
when = "{when}"
then = "{then}"
say.ar = "{ar}"
say.en = "Many"
"""


def rules(*many):
    usual = {"name": "many", "when": "people_on_phone_30d > 6", "then": "challenge", "ar": "كثير"}
    return parse_rules("".join(RULE.format(**(usual | one)) for one in many))


WHEN = "people_on_phone_30d > 6 and not phone_is_registered_helper"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"when": WHEN},
            {"when": WHEN.replace("6", "8")},
            [Change("bound", "many", Bound("people_on_phone_30d", ">", 6), Bound("people_on_phone_30d", ">", 8))],
        ),
        (
            {"when": "6 < people_on_phone_30d"},
            {"when": "people_on_phone_30d >= 7"},
            [Change("bound", "many", Bound("people_on_phone_30d", ">", 6), Bound("people_on_phone_30d", ">=", 7))],
        ),
        (
            {"when": "passport_days_left > -1"},
            {"when": "passport_days_left > 0"},
            [Change("bound", "many", Bound("passport_days_left", ">", -1), Bound("passport_days_left", ">", 0))],
        ),
        ({"then": "challenge"}, {"then": "review"}, [Change("outcome", "many", "challenge", "review")]),
        (
            {},
            {"when": WHEN},
            [Change("needs_too", "many", "", "not phone_is_registered_helper")],
        ),
        ({"when": WHEN}, {}, [Change("needs_no_more", "many", "not phone_is_registered_helper", "")]),
        (
            {"when": "party_size > 2 or odd_names > 1"},
            {"when": "party_size > 2 or odd_names > 1 or odd_numbers > 1"},
            [Change("or_too", "many", "", "odd_numbers > 1")],
        ),
        (
            {"when": "party_size > 2 or odd_names > 1"},
            {"when": "party_size > 2 and odd_names > 1"},
            [Change("when", "many", "party_size > 2 or odd_names > 1", "party_size > 2 and odd_names > 1")],
        ),
        ({}, {"ar": "آخر"}, [Change("saying", "many", "", "ar")]),
        ({}, {"name": "crowd"}, [Change("renamed", "crowd", "many", "crowd")]),
        ({"when": WHEN}, {"when": " not phone_is_registered_helper and (people_on_phone_30d > 6)"}, []),
    ],
)
def test_one_difference_is_described_by_its_meaning(before, after, expected):
    assert changes(rules(before), rules(after)) == expected


def test_new_and_removed_rules_and_another_order_are_described():
    one, two, three = {"name": "one"}, {"name": "two", "ar": "اثنان"}, {"name": "three", "ar": "ثلاثة"}

    assert changes(rules(one, two), rules(two, three)) == [Change("new", "three"), Change("gone", "one")]
    assert changes(rules(one, two), rules(two, one)) == [Change("order", "")]


def test_equal_sets_differ_in_nothing():
    assert changes(default_rules(), default_rules()) == []


def test_the_facts_that_rules_use_are_named_in_their_order():
    assert facts_of(rules({"when": WHEN}).rules) == ["people_on_phone_30d", "phone_is_registered_helper"]
