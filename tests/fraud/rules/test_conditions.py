"""The small language of conditions: nothing gets out, nothing runs away, every message points at the word."""

import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fraud.facts import SCHEMA, Facts
from fraud.rules.conditions import MAX_CHARACTERS, ConditionError, compile_condition

BREAK_OUTS = {
    "subclasses": "().__class__.__base__.__subclasses__()",
    "attribute of a fact": "party_size.__class__ == 1",
    "attribute of a number": "(1).__class__ == 1",
    "builtin": "__import__('os').system('id')",
    "builtin by name": "__builtins__ > 1",
    "call of a fact": "party_size() > 1",
    "open": "open('/etc/passwd').read()",
    "exit": "exit()",
    "format": "'{0.__class__}'.format(party_size)",
    "f-string": "f'{party_size}' > 1",
    "text": "'a' > 'b'",
    "power": "9**9**9 > party_size",
    "shift": "party_size << 999999 > 1",
    "division": "party_size / 0 > 1",
    "modulo": "party_size % 0 > 1",
    "whole division": "party_size // 0 > 1",
    "bitwise": "(party_size & 1) > 0",
    "matrix": "party_size @ 1 > 0",
    "invert": "~party_size > 1",
    "plus sign": "+party_size > 1",
    "big text": "('a'*10**9) == 'b'",
    "list": "[x for x in range(10**9)]",
    "generator": "(party_size for party_size in party_size) > 1",
    "subscript": "party_size[0] > 1",
    "set": "{1} > 1",
    "tuple": "(1, 2) > party_size",
    "starred": "(*party_size) > 1",
    "lambda": "(lambda: 1)()",
    "walrus": "(x := 5) > party_size",
    "if else": "1 if party_size > 1 else 0",
    "if else of flags": "asks_from_abroad if asks_from_abroad else asks_from_abroad",
    "membership": "party_size in party_size",
    "identity": "party_size is party_size",
    "regex": "party_size =~ '(a+)+$'",
    "await": "await party_size > 1",
    "yield": "(yield party_size) > 1",
    "two statements": "party_size > 1; exit()",
    "two lines": "party_size > 1\nexit()",
    "comment": "party_size > 1 # and more",
    "exponent": "party_size > 1e999",
    "hexadecimal": "party_size > 0xff",
    "imaginary": "party_size > 1j",
    "underscored": "party_size > 1_000",
    "long number": "party_size > 99999999999999999999",
    "full-width letters": "ｐarty_size > 1",
    "ellipsis": "... > party_size",
    "none": "party_size > None",
    "not closed": "(party_size > 1",
    "closed twice": "party_size > 1)",
    "null byte": "party_size > 1\0",
    "surrogate": "party_size > \ud800",
    "deep brackets": "(" * 200 + "party_size > 1" + ")" * 200,
    "deep not": "not " * 100 + "asks_from_abroad",
    "deep minus": "party_size > " + "-" * 300 + "1",
    "many parts": " or ".join(["party_size > 1"] * 30),
    "too long": "party_size > 1 " + " " * MAX_CHARACTERS + "or party_size > 1",
    "no fact": "1 < 2",
    "empty": "  ",
    "only a bracket": "(",
}


@pytest.mark.parametrize("text", BREAK_OUTS.values(), ids=BREAK_OUTS)
def test_what_is_not_a_plain_condition_is_refused(text):
    with pytest.raises(ConditionError) as caught:
        compile_condition(text)

    assert caught.value.column >= 1


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("people_on_fone_30d > 6", 1, "did you mean people_on_phone_30d"),
        ("party_size > 6 and people_on_phon > 1", 20, "“people_on_phon” is not a fact"),
        ("party_size > 6 and party_size", 20, "compare it with something"),
        ("party_size > 6 and not party_size", 24, "compare it with something"),
        ("party_size + asks_from_abroad > 3", 14, "true or false, not a number"),
        ("asks_from_abroad == 1", 1, "not asks_from_abroad"),
        ("(party_size > 1) > 0", 2, "true or false, not a number"),
        ("party_size", 1, "compare it with something"),
        ("party_size > 'x'", 14, "not allowed"),
        ("  party_size ! 3", 12, "not allowed"),
        ("party_size > 3and asks_from_abroad", 15, "touches the number"),
        ("party_size > True", 14, "not a number"),
        ("party_size >", 13, "not a complete condition"),
    ],
)
def test_a_message_points_at_the_word(text, column, words):
    with pytest.raises(ConditionError) as caught:
        compile_condition(text)

    assert caught.value.column == column
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("people_on_phone_30d > 6 and not phone_is_registered_helper", True),
        ("people_on_phone_30d > 6 and phone_is_registered_helper", False),
        ("asks_from_abroad or party_size >= 2", True),
        ("asks_from_abroad", False),
        ("1 < party_size <= 2 < people_on_phone_30d", True),
        ("1 < party_size < 2", False),
        ("people_on_phone_30d - party_size * 2 == 3", True),
        ("-party_size < -1", True),
        ("party_size != 2", False),
        ("form_seconds < 30.5", True),
        ("party_size > 1 and\n\t(asks_from_abroad or\n form_seconds < 31)", True),
    ],
)
def test_a_condition_means_what_it_says(facts, text, holds):
    given_facts = facts(people_on_phone_30d=7, party_size=2, form_seconds=30.0)

    assert compile_condition(text)(given_facts) is holds


NUMBERS = st.one_of(
    st.sampled_from([fact.name for fact in SCHEMA if fact.kind != "flag"]),
    st.integers(0, 99).map(str),
    st.floats(0, 99).map(lambda number: f"{number:.2f}"),
)
TERMS = st.recursive(
    NUMBERS,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner) | st.builds("-{}".format, inner),
    max_leaves=4,
)
FLAGS = st.sampled_from([fact.name for fact in SCHEMA if fact.kind == "flag"])
COMPARISONS = st.builds("{} {} {}".format, TERMS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), TERMS)
CONDITIONS = st.recursive(
    FLAGS | COMPARISONS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=6,
).filter(lambda text: any(fact.name in text for fact in SCHEMA))


@given(CONDITIONS)
def test_conditions_agree_with_python(text):
    values = Facts.from_mapping({fact.name: _some(fact) for fact in SCHEMA})
    try:
        condition = compile_condition(text)
    except ConditionError as error:
        assume(re.search("(more|longer) than", str(error)) is None)
        raise

    assert condition(values) == bool(eval(text, {"__builtins__": {}}, values.as_dict()))  # noqa: S307


def _some(fact):
    if fact.kind == "flag":
        return len(fact.name) % 2 == 0
    return min(fact.high, max(fact.low, len(fact.name)))


@given(st.text(st.sampled_from("partysize_ andornot()<>=!+-*/.0123456789'\"[]{}:,\n\0é"), max_size=60))
def test_no_text_can_do_more_than_be_refused(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with suppress(ConditionError):
            compile_condition(text)
