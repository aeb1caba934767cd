import pytest

from fraud.rules.rule_set import Fault, default_rules_source, find_faults

GOOD = """# a comment
[[rule]]
name = "first"
when = "party_size > 2"
then = "challenge"
say.ar = "كثير"
say.en = "Many"

[[rule]]
name = "second"
when = "people_on_phone_30d > 12 and not phone_is_registered_helper"
then = "review"
say = {ar = "كثير", en = "Many"}
"""


def test_a_sound_text_has_no_faults():
    assert find_faults(GOOD) == []
    assert find_faults(default_rules_source()) == []
    assert find_faults("") == []


def test_an_unknown_fact_is_pointed_at_with_the_nearest_name():
    text = GOOD.replace("phone_30d > 12 and", "fone_30d > 12 and")

    assert find_faults(text) == [
        Fault("unknown_fact_near", "second", 11, 9, {"word": "people_on_fone_30d", "near": "people_on_phone_30d"})
    ]


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_the_place_is_right_in_a_condition_of_several_lines_too(quotes):
    long = f"{quotes}\n  party_size > 2\n  and party_sise > 3{quotes}"
    (fault,) = find_faults(GOOD.replace('"party_size > 2"', long))

    assert (fault.line, fault.column) == (6, 7)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ('name = "first"', 'name = "First one"', "name_form", 3, 1),
        ('then = "challenge"', 'then = "refuse"', "refuse", 5, 1),
        ('then = "challenge"', 'then = "block"', "then", 5, 1),
        ('then = "challenge"\n', "", "missing_part", 2, 1),
        ('say.ar = "كثير"', 'say.ar = ""', "say_length", 6, 1),
        ('say.ar = "كثير"\n', "", "say", 6, 1),
        ('name = "first"', 'name = "first"\nif = "x"', "unknown_key", 4, 1),
        ('name = "second"', 'name = "first"', "name_twice", 10, 1),
        ('"party_size > 2"', '"party_size > "', "incomplete", 4, 21),
        ('"party_size > 2"', '"party_size"', "number_alone", 4, 9),
        ('"party_size > 2"', '"party_size > 2', "unreadable", 4, 23),
        ("# a comment", "[extra]", "unknown_part", 1, 2),
        ('"party_size > 2"', "1" * 5_000, "unreadable", 14, 1),
        ('"party_size > 2"', "[" * 5_000, "unreadable", 14, 1),
    ],
)
def test_each_fault_has_its_line_and_column(old, new, code, line, column):
    (fault,) = find_faults(GOOD.replace(old, new, 1))

    assert (fault.code, fault.line, fault.column) == (code, line, column)


def test_all_faulty_rules_are_listed_at_once():
    text = GOOD.replace("party_size", "party_sise").replace('"review"', '"refuse"')

    assert [(fault.rule, fault.code) for fault in find_faults(text)] == [
        ("first", "unknown_fact_near"),
        ("second", "refuse"),
    ]


def test_a_fault_is_reported_without_a_place_where_none_is_found():
    assert find_faults('rule = [{name = "x"}]') == [Fault("missing_part", "x", 0, 0, {"part": "when"})]
