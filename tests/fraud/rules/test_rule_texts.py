"""Rules survive being written and read; hostile texts are refused, with a finger on the word."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.facts import SCHEMA, Facts
from fraud.rules.conditions import ConditionError, compile_condition
from fraud.rules.rule_set import RuleError, default_rules, parse_rules
from tests.fraud.rules.test_conditions import CONDITIONS

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)


@st.composite
def rule_texts(draw):
    rules = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        when = draw(CONDITIONS)
        try:
            compile_condition(when)
        except ConditionError:
            when = "party_size > 2"
        say = {language: _as_toml(draw(WORDS)) for language in ("ar", "en")}
        then = draw(st.sampled_from(["challenge", "review"]))
        gap = draw(st.sampled_from(["", " ", "\n", "\t\n "]))
        rules.append(
            f'[[rule]]\nthen = "{then}"\nsay.en = {say["en"]}\nname = "{name}"\nwhen = """{gap}{when}{gap}"""\n'
            f"say.ar = {say['ar']}\n"
        )
    return "\n".join(rules)


def _as_toml(words):
    return '"' + "".join(f"\\U{ord(character):08x}" for character in words) + '"'


@settings(max_examples=60)
@given(rule_texts())
def test_a_set_that_is_written_and_read_again_is_the_same(text):
    read = parse_rules(text)
    again = parse_rules(read.text())

    assert again.version == read.version
    assert [(rule.name, rule.then, rule.reason) for rule in again.rules] == [
        (rule.name, rule.then, rule.reason) for rule in read.rules
    ]
    assert again.text() == read.text()


@settings(max_examples=30)
@given(rule_texts(), st.integers(0, 23))
def test_a_set_that_was_written_judges_as_before(text, number):
    kinds = {"count": int, "number": float, "flag": lambda given: given % 2 == 0}
    values = {fact.name: kinds[fact.kind](min(max(fact.low, number), fact.high)) for fact in SCHEMA}
    somebody = Facts.from_mapping(values)
    read = parse_rules(text)

    assert parse_rules(read.text()).judge(somebody) == read.judge(somebody)


def test_the_default_rules_survive_being_written():
    assert parse_rules(default_rules().text()).version == default_rules().version


HOSTILE = {
    "classes": "().__class__.__base__.__subclasses__()",
    "attribute": "party_size.__class__.__mro__",
    "import": "__import__('os').system('id')",
    "open": "open('/etc/passwd').read()",
    "format": "'{0.__class__}'.format(party_size)",
    "power": "9**9**9 > 1",
    "long text": "('a'*10**9) == 'b'",
    "deep": "(" * 3_000 + "1" + ")" * 3_000,
    "comprehension": "[x for x in range(10**9)]",
    "regex": "party_size =~ '(a+)+$'",
    "lambda": "(lambda: 1)()",
    "walrus": "(x := 5)",
    "wide chain": " and ".join(["party_size > 1"] * 2_000),
    "huge number": "party_size > " + "9" * 5_000,
    "nested map": "map(map(map(party_size)))",
    "other letters": "раrty_size > 1",
}


def a_rule(when):
    return f'[[rule]]\nname = "a"\nwhen = \'\'\'{when}\'\'\'\nthen = "review"\nsay = {{ar = "ن", en = "w"}}\n'


@pytest.mark.parametrize("probe", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_condition_is_refused_at_its_word(probe):
    began = time.process_time()

    with pytest.raises(RuleError) as caught:
        parse_rules(a_rule(probe))

    message, condition, arrow = str(caught.value).rsplit("\n", 2)
    assert message.startswith("a: ")
    assert condition.strip() == probe[: len(condition.strip())]
    assert arrow.strip() == "^"
    assert caught.value.column == len(arrow) - 2
    assert time.process_time() - began < 2


def test_the_largest_product_that_is_allowed_costs_nothing(facts):
    product = "party_size" + " * 999999999999" * 9 + " > 1"

    assert [fired.name for fired in parse_rules(a_rule(product)).judge(facts())] == ["a"]
