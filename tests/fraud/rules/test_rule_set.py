import time

import pytest

from fraud.rules.rule_set import MAX_RULES, RuleError, default_rules, parse_rules

GOOD = """
[[rule]]
name = "phone-shared-by-many"
when = "people_on_phone_30d > 6 and not phone_is_registered_helper"
then = "review"
say = {ar = "رقم الهاتف مستخدم لعدد كبير من الأشخاص", en = "This phone number is used by many people"}
"""


def test_a_rule_fires_with_its_words_in_both_languages(facts):
    (fired,) = parse_rules(GOOD).judge(facts(people_on_phone_30d=7))

    assert (fired.name, fired.then) == ("phone-shared-by-many", "review")
    assert fired.reason.code == "rule.phone-shared-by-many"
    assert fired.reason.text("en") == "This phone number is used by many people"
    assert fired.reason.text("ar") == "رقم الهاتف مستخدم لعدد كبير من الأشخاص"


def test_a_rule_whose_condition_does_not_hold_is_silent(facts):
    assert parse_rules(GOOD).judge(facts(people_on_phone_30d=6)) == []
    assert parse_rules(GOOD).judge(facts(people_on_phone_30d=7, phone_is_registered_helper=True)) == []


def test_the_version_depends_on_what_the_rules_say_not_on_their_layout():
    version = parse_rules(GOOD).version

    assert parse_rules("# a remark\n" + GOOD.replace("\n", "\n\n")).version == version
    assert parse_rules(GOOD.replace("> 6", "> 7")).version != version
    assert parse_rules(GOOD.replace("review", "challenge")).version != version
    assert parse_rules(GOOD.replace("many people", "too many people")).version != version


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('then = "review"', 'then = "refuse"', "a rule may not refuse"),
        ('then = "review"', 'then = "ban"', "then must be challenge or review"),
        ('then = "review"', "", "then is missing"),
        ('then = "review"', "then = 3", "then must be a text"),
        ('then = "review"', 'then = "review"\nelse = "x"', "unknown part: else"),
        ('name = "phone-shared-by-many"', "", "rule 1: name is missing"),
        ('name = "phone-shared-by-many"', 'name = "Phone!"', "rule 1: a name is made of"),
        ('name = "phone-shared-by-many"', f'name = "{"a" * 99}"', "rule 1: a name is made of"),
        (', en = "This phone number is used by many people"', "", "exactly two texts"),
        ("This phone number is used by many people", "  ", "say.en must have"),
        ("This phone number is used by many people", "x" * 301, "say.en must have"),
        ("{ar =", '{fr = "x", ar =', "exactly two texts"),
        ("[[rule]]", "[rule]", "two brackets"),
        ("[[rule]]", "[[rules]]", "unknown part: rules"),
        ("[[rule]]", "[[rule", "cannot be read"),
        ("people_on_phone_30d", "people_on_fone_30d", "did you mean people_on_phone_30d"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_name_and_fault(old, new, words):
    assert old in GOOD

    with pytest.raises(RuleError, match=r"\w") as caught:
        parse_rules(GOOD.replace(old, new, 1))

    assert words in str(caught.value)


def test_the_message_draws_an_arrow_under_the_word():
    with pytest.raises(RuleError) as caught:
        parse_rules(GOOD.replace("phone_is_registered_helper", "phone_is_helper"))

    message, condition, arrow = str(caught.value).split("\n")
    assert message.startswith("phone-shared-by-many: “phone_is_helper” is not a fact")
    assert condition[arrow.index("^") :] == "phone_is_helper"
    assert caught.value.column == condition.index("phone_is_helper") - 1


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 30_000,
        "#" * 70_000,
        "\0",
        GOOD + GOOD,
        "rule = [1]",
        "\n".join(GOOD.replace("phone-shared", f"phone-{number}") for number in range(MAX_RULES + 1))[:65_000],
        "\n".join(f"[[rule]]\nname = 'a{number}'" for number in range(MAX_RULES + 1)),
    ],
)
def test_a_text_that_exhausts_or_repeats_is_refused(text):
    with pytest.raises(RuleError):
        parse_rules(text)


def test_an_empty_set_is_a_set_without_rules(facts):
    assert parse_rules("").judge(facts()) == []


def test_the_default_rules_leave_a_large_family_alone(facts):
    family = facts(
        people_on_device_30d=10,
        people_on_phone_30d=10,
        people_by_account=10,
        requests_from_device_1h=9,
        requests_by_account_24h=9,
        account_age_hours=2.0,
        party_size=6,
        cancellations_90d=2,
        lapsed_offers_365d=2,
        given_up_on_phone_90d=4,
        rebookings_30d=5,
        passed_on_by_account_30d=1,
        passed_on_with_phone_30d=1,
        handed_back_for_person_90d=1,
    )

    assert default_rules().judge(family) == []


def test_the_default_rules_leave_a_registered_helper_alone(facts):
    helper = facts(
        phone_is_registered_helper=True,
        people_on_device_30d=300,
        people_on_phone_30d=300,
        people_by_account=300,
        requests_from_device_1h=30,
        cancellations_90d=20,
        passed_on_with_phone_30d=50,
    )

    assert default_rules().judge(helper) == []


def test_the_default_rules_leave_a_campus_network_alone(facts):
    assert default_rules().judge(facts(requests_from_network_1h=3_000, requests_from_network_24h=9_000)) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"people_on_phone_30d": 26}, "phone-shared-by-very-many"),
        ({"people_on_device_30d": 61}, "device-used-for-very-many"),
        ({"requests_from_device_1h": 13}, "burst-from-one-device"),
        ({"form_seconds": 4.9}, "form-faster-than-a-hand"),
        ({"account_age_hours": 3.0, "people_by_account": 11}, "new-account-for-many"),
        (
            {"cancellations_90d": 5, "lapsed_offers_365d": 3, "people_by_account": 4},
            "takes-places-and-gives-them-back",
        ),
        ({"passed_on_by_account_30d": 2, "people_on_phone_30d": 4}, "gives-places-up-and-asks-for-others"),
        (
            {"passed_on_by_account_30d": 2, "people_on_phone_30d": 4, "phone_is_registered_helper": True},
            "gives-places-up-and-asks-for-others",
        ),
        ({"passed_on_with_phone_30d": 2, "people_on_phone_30d": 11}, "passes-places-on-with-one-phone"),
        (
            {"passed_on_with_phone_30d": 51, "people_on_phone_30d": 300, "phone_is_registered_helper": True},
            "passes-places-on-with-one-phone",
        ),
        ({"handed_back_for_person_90d": 2}, "hands-places-back-again-and-again"),
        (
            {"requests_from_network_1h": 401, "account_age_hours": 1.0, "form_seconds": 19.0},
            "young-account-in-a-rush",
        ),
    ],
)
def test_each_default_rule_fires_for_what_it_is_meant(facts, changes, name):
    assert name in [fired.name for fired in default_rules().judge(facts(**changes))]


def test_the_default_rules_leave_a_small_shop_on_one_phone_alone(facts):
    assert default_rules().judge(facts(people_on_phone_30d=25)) == []


def test_fifty_rules_cost_well_under_a_millisecond(facts):
    rules = parse_rules("\n".join(GOOD.replace("shared", f"shared-{number}") for number in range(50)))
    someone = facts()
    costs = []
    for _ in range(200):
        start = time.thread_time()
        rules.judge(someone)
        costs.append(time.thread_time() - start)

    assert sorted(costs)[20] < 0.000_5
