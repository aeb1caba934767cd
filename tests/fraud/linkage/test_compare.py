"""Levels of agreement, and the candidates that are compared."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud.linkage import blocking
from fraud.linkage.compare import levels, word_levels
from fraud.linkage.records import MissingColumnsError, read
from fraud.linkage.samples import people
from fraud.linkage.schema import LEVELS, PEOPLE, Kind, Schema
from fraud.linkage.words import normal_words

WORD = {name: number for number, name in enumerate(LEVELS[Kind.WORD])}
DATE = {name: number for number, name in enumerate(LEVELS[Kind.DATE])}
DIGITS = {name: number for number, name in enumerate(LEVELS[Kind.DIGITS])}


def a_person(**changes):
    usual = {
        "name": "أمل كريم الخيالية",
        "birth_date": "1990-05-07",
        "phone": "+963933000001",
        "national_number": "01234567890",
        "household": "",
    }
    return usual | changes


def compared(one, other):
    found = levels(read(pd.DataFrame([one, other]), PEOPLE), PEOPLE, np.array([0]), np.array([1]))
    return {part: int(level[0]) for part, level in found.items()}


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("أحمد", "احمد", "same"),
        ("الحلبي", "حلبي", "same"),
        ("فاطمة", "فاطمه", "same"),
        ("ابراهيم", "ابراهم", "close"),
        ("عبد الرحمن", "عبد الرحيم", "close"),
        ("Mohammed", "Muhammad", "close"),
        ("محمد", "Mohammed", "close"),
        ("محمد", "Muhamad", "close"),
        ("خديجة", "Khadija", "close"),
        ("الحلبي", "Al-Halabi", "close"),
        ("محمد", "Khadija", "differs"),
        ("محمد", "خديجة", "differs"),
        ("سمر", "هالة", "differs"),
        ("Karim", "Nabil", "differs"),
    ],
)
def test_words_agree_as_a_reader_would_say(one, other, level):
    assert word_levels(normal_words(one)[:1], normal_words(other)[:1]).tolist() == [WORD[level]]


word = st.text(st.sampled_from("ابتحدرسعلمنهوي"), min_size=1, max_size=8) | st.text(
    st.sampled_from("abdehikmnrsu"), min_size=1, max_size=8
)


@settings(max_examples=50)
@given(word, word)
def test_comparing_words_is_symmetric_and_a_word_equals_itself(one, other):
    forth, back, same = word_levels([one, other, one], [other, one, one]).tolist()

    assert forth == back
    assert same == WORD["same"]


@pytest.mark.parametrize(
    ("changes", "part", "level"),
    [
        ({"birth_date": "1990-05-07"}, "birth_date", DATE["same"]),
        ({"birth_date": "1990-07-05"}, "birth_date", DATE["swapped"]),
        ({"birth_date": "1990-05-08"}, "birth_date", DATE["near"]),
        ({"birth_date": "1991-05-07"}, "birth_date", DATE["near"]),
        ({"birth_date": "1990-04-30"}, "birth_date", DATE["differs"]),
        ({"birth_date": "1972-11-23"}, "birth_date", DATE["differs"]),
        ({"birth_date": None}, "birth_date", -1),
        ({"birth_date": "no date"}, "birth_date", -1),
        ({"phone": "0933000001"}, "phone", DIGITS["same"]),
        ({"phone": "٠٩٣٣٠٠٠٠٠١"}, "phone", DIGITS["same"]),
        ({"phone": "0933000010"}, "phone", DIGITS["one_off"]),
        ({"phone": "0944123456"}, "phone", DIGITS["differs"]),
        ({"phone": ""}, "phone", -1),
        ({"national_number": "01234567899"}, "national_number", DIGITS["one_off"]),
        ({"national_number": "0123456789"}, "national_number", DIGITS["one_off"]),
        ({"national_number": "99988877766"}, "national_number", DIGITS["differs"]),
        ({"name": "أمل الخيالية"}, "name.middle", -1),
        ({"name": "أمل كريم الخياليه"}, "name.family", WORD["same"]),
        ({"name": "Amal Karim al-Khayaliya"}, "name.given", WORD["close"]),
        ({"name": "الخيالية كريم أمل"}, "name.given", WORD["close"]),
        ({"name": "أمل محمد كريم الخيالية"}, "name.middle", WORD["close"]),
        ({"name": None}, "name.given", -1),
    ],
)
def test_each_part_is_compared_on_its_own(changes, part, level):
    assert compared(a_person(), a_person(**changes))[part] == level


def test_a_phone_says_nothing_about_two_of_one_household():
    assert compared(a_person(household="7"), a_person(household="7"))["phone"] == -1
    assert compared(a_person(household="7"), a_person(household="8"))["phone"] == DIGITS["same"]


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_pairs_found_in_columns_are_those_whose_keys_share_a_text(seed):
    records = read(people(60, seed=seed, duplicates=0.5), PEOPLE)
    first, second = blocking.pairs(records, PEOPLE)
    keys = [set(one) for one in blocking.keys_of(records, PEOPLE)]
    by_hand = {(a, b) for a in range(len(keys)) for b in range(a + 1, len(keys)) if keys[a] & keys[b]}
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == by_hand
    assert len(by_hand) == len(first)


def test_a_key_that_too_many_share_makes_no_pairs():
    schema = Schema(PEOPLE.fields, ((("birth_date", "day"),),), largest_block=10)
    frame = pd.DataFrame([a_person()] * 11 + [a_person(birth_date="2001-01-01")] * 10)
    first, second = blocking.pairs(read(frame, schema), schema)
    assert len(first) == 10 * 9 / 2
    assert min(first.min(), second.min()) == 11


def test_missing_columns_are_all_named():
    with pytest.raises(MissingColumnsError, match="birth_date, household, national_number"):
        read(pd.DataFrame([{"name": "أمل", "phone": ""}]), PEOPLE)
