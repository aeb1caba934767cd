import dataclasses
from typing import get_type_hints

import numpy as np
import pandas as pd
import pytest

from fraud.facts import FEATURES, SCHEMA, FactError, Facts, hard_refusals, row, schema_hash
from fraud.features import matrix

PYTHON_TYPES = {"count": int, "number": float, "flag": bool}


def test_the_schema_describes_each_fact_once_with_its_type():
    assert [fact.name for fact in SCHEMA] == [field.name for field in dataclasses.fields(Facts)]
    assert {fact.name: PYTHON_TYPES[fact.kind] for fact in SCHEMA} == get_type_hints(Facts)


def test_each_fact_is_described_in_both_languages():
    for fact in SCHEMA:
        assert fact.en
        assert any("\u0600" <= letter <= "\u06ff" for letter in fact.ar)


def test_facts_survive_storage(facts):
    someone = facts(party_size=3, asks_from_abroad=True, km_to_nearest_office=2.5)

    assert Facts.from_mapping(someone.as_dict()) == someone


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("party_size", 0),
        ("party_size", 2.5),
        ("party_size", "2"),
        ("party_size", True),
        ("party_size", None),
        ("party_size", 10**400),
        ("hour_of_day", 24),
        ("passport_days_left", -2),
        ("form_seconds", float("nan")),
        ("form_seconds", float("inf")),
        ("form_seconds", -1.0),
        ("form_seconds", 10**400),
        ("asks_from_abroad", 1),
        ("asks_from_abroad", "yes"),
        ("asks_from_abroad", [True]),
    ],
)
def test_a_value_that_does_not_fit_its_fact_is_refused_by_name(facts, name, value):
    with pytest.raises(FactError, match=name):
        facts(**{name: value})


def test_unknown_and_missing_facts_are_refused_by_name(facts):
    with pytest.raises(FactError, match="unknown fact: shoe_size"):
        facts(shoe_size=42)
    with pytest.raises(FactError, match="missing fact: hour_of_day"):
        Facts.from_mapping({name: value for name, value in facts().as_dict().items() if name != "hour_of_day"})


def test_nothing_hard_refuses_a_sound_request(hard):
    assert hard_refusals(hard()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"has_live_request": True}, "hard.live_request"),
        ({"registry_knows_person": False}, "hard.unknown_person"),
        ({"passport_valid_long": True}, "hard.passport_still_valid"),
        ({"application_pending": True}, "hard.application_pending"),
        ({"age_eligible": False}, "hard.age_not_eligible"),
    ],
)
def test_each_hard_fact_refuses_with_its_reason(hard, changes, code):
    assert [reason.code for reason in hard_refusals(hard(**changes))] == [code]


def test_a_long_valid_passport_with_a_reason_goes_on(hard):
    assert hard_refusals(hard(passport_valid_long=True, reason_given=True)) == []


def test_all_hard_reasons_are_given_at_once(hard):
    assert len(hard_refusals(hard(has_live_request=True, application_pending=True, age_eligible=False))) == 3


def test_the_live_features_are_the_training_features(history):
    table = matrix(history.head(200))
    for place, record in enumerate(history.head(200)[list(FEATURES)].to_dict("records")):
        someone = Facts.from_mapping(record)
        assert row(someone) == table[place].tolist()


def test_features_are_in_the_order_of_the_schema(facts):
    values = row(facts(requests_from_device_1h=7, passed_on_with_phone_30d=4, handed_back_for_person_90d=5))

    assert len(values) == len(SCHEMA)
    assert (values[0], *values[-2:]) == (7, 4, 5)


def test_the_columns_order_of_a_frame_does_not_matter(history):
    shuffled = history[list(reversed(history.columns))]

    assert np.array_equal(matrix(shuffled), matrix(history))


def test_a_frame_that_lacks_a_fact_or_has_text_or_gaps_is_refused_by_name(history):
    few = history.head(3)
    with pytest.raises(FactError, match="missing fact: party_size"):
        matrix(few.drop(columns="party_size"))
    with pytest.raises(FactError, match="not a column of numbers: party_size"):
        matrix(few.assign(party_size="two"))
    with pytest.raises(FactError, match="form_seconds"):
        matrix(few.assign(form_seconds=[1.0, np.nan, 2.0]))
    with pytest.raises(FactError, match="party_size"):
        matrix(few.assign(party_size=pd.array([1, None, 2], dtype="Int64")))


def test_the_schema_has_a_stable_hash():
    assert schema_hash() == schema_hash()
    assert len(schema_hash()) == 16
