"""Duplicates found in small synthetic populations, and what the weights rest on."""

import numpy as np
import pandas as pd
import pytest

from fraud.linkage import weights
from fraud.linkage.link import candidates, link, link_one
from fraud.linkage.records import read
from fraud.linkage.samples import people
from fraud.linkage.schema import PEOPLE

pytestmark = pytest.mark.slow

SMALL = 6_000


@pytest.fixture(scope="module")
def population():
    return people(SMALL, seed=11, duplicates=0.1)


@pytest.fixture(scope="module")
def learned():
    return weights.shipped()


def quality(frame, found):
    person = frame["person"].to_numpy()
    right = person[found["left"].to_numpy(int)] == person[found["right"].to_numpy(int)]
    return right.mean(), right.sum() / (len(frame) - frame["person"].nunique())


def test_nearly_all_duplicates_are_found_and_nearly_all_found_are_duplicates(population, learned):
    precision, recall = quality(population, link(population, learned=learned))
    assert precision >= 0.99
    assert recall >= 0.88


@pytest.mark.slow
def test_weights_learned_without_labels_find_as_much_as_labels_would_teach(population):
    records = read(population, PEOPLE)
    first, second, compared = candidates(records, PEOPLE)
    learned = weights.learn(records, PEOPLE, compared)
    person = population["person"].to_numpy()
    true = person[first] == person[second]
    for part in ("name.given", "name.family", "birth_date", "phone"):
        known = compared[part][true & (compared[part] >= 0)]
        assert learned.match[part][-1] == pytest.approx(np.mean(known == known.max()), abs=0.05)
    assert learned.matches_per_record == pytest.approx(0.1 / 1.1, rel=0.1)


def test_more_agreement_never_says_less(learned):
    for part in PEOPLE.parts():
        # a level that one person's records hardly ever have may say anything; the outer ones may not
        bits = learned.bits(part.name)
        assert bits[0] < 0 < bits[-1]


def test_every_row_of_probabilities_sums_to_one(learned):
    for table in (learned.match, learned.random):
        assert set(table) == {part.name for part in PEOPLE.parts()}
        for values in table.values():
            assert sum(values) == pytest.approx(1, abs=1e-4)
            assert min(values) > 0


def test_written_weights_read_back_the_same(learned):
    again = weights.read(weights.write(learned, PEOPLE, "a head"))
    for part in PEOPLE.parts():
        assert again.bits(part.name) == pytest.approx(learned.bits(part.name), rel=1e-4)


def twins():
    shared = {"birth_date": "2001-03-04", "phone": "0933000001", "national_number": "", "household": ""}
    return pd.DataFrame(
        [
            {"name": "سامية كريم الخيالي", **shared},
            {"name": "رغد كريم الخيالي", **shared},
            {"name": "رغد كريم الخيالى", **shared},
        ]
    )


def test_twins_are_never_one_person_even_if_they_share_all_else(learned):
    found = link(twins(), learned=learned, least=0)
    assert list(zip(found["left"], found["right"], strict=True)) == [(1, 2)]


def test_agreeing_on_a_rare_name_says_more_than_on_a_common_one(learned):
    def pair(family):
        return [
            {"name": f"أمل كريم {family}", "birth_date": born, "phone": "", "national_number": "", "household": ""}
            for born in ("1990-05-07", "1990-05-07")
        ]

    crowd = [
        {"name": f"هالة {n} الشائعة", "birth_date": None, "phone": "", "national_number": "", "household": ""}
        for n in range(200)
    ]
    frame = pd.DataFrame([*pair("الشائعة"), *pair("النادرة"), *crowd])
    found = link(frame, learned=learned, least=0).set_index(["left", "right"])["bits"]
    assert found[2, 3] > found[0, 1]


def test_one_new_person_is_scored_as_all_would_be(population, learned):
    records = read(population, PEOPLE)
    rarity = weights.frequencies(records, PEOPLE)
    together = link(population, learned=learned)
    for row in together.sample(20, random_state=1).itertuples():
        alone = link_one(
            population.loc[row.left].to_dict(),
            population.loc[[row.right]],
            among=len(population),
            learned=learned,
            rarity=rarity,
        )
        assert alone["right"].tolist() == [row.right]
        assert alone["bits"].iloc[0] == pytest.approx(row.bits)


def test_the_same_people_in_another_order_are_linked_the_same(population, learned):
    part = population.head(2_000)
    shuffled = part.sample(frac=1, random_state=3)

    def pairs(found):
        return {frozenset(pair) for pair in zip(found["left"], found["right"], strict=True)}

    assert pairs(link(part, learned=learned)) == pairs(link(shuffled, learned=learned))


@pytest.mark.parametrize("size", [0, 1])
def test_an_empty_frame_and_a_single_person_have_no_duplicates(learned, population, size):
    assert link(population.head(size), learned=learned).empty
