"""How Arabic names are spelled in Latin letters, learned from pairs."""

import numpy as np
import pytest

from fraud.linkage.sample_names import MEN, WOMEN
from fraud.linkage.transliteration import ARABIC, learn, load, read, write
from fraud.linkage.words import normal_words

NAMES = [(name[0].replace("_", " "), spelling.replace("_", " ")) for name in (*MEN, *WOMEN) for spelling in name[1:]]


@pytest.fixture(scope="module")
def letters():
    return load()


def test_probabilities_are_positive_and_sum_to_one(letters):
    assert letters.steps.min() >= 0
    assert letters.steps.sum() == pytest.approx(1, abs=1e-4)


def test_common_spellings_are_likelier_than_chance(letters):
    words = [("".join(normal_words(arabic)), "".join(normal_words(latin))) for arabic, latin in NAMES]
    odds = letters.log_odds(*zip(*words, strict=True))
    # يسرى is written with the letter of ي, and read with that of ا: a normal word does not tell them apart
    assert {NAMES[row][1] for row in np.flatnonzero(odds <= 0)} <= {"Yusra", "Yousra"}


def test_a_spelling_of_another_name_is_less_likely_than_chance(letters):
    assert (letters.log_odds(["محمد", "قصي"], ["khadija", "mohammed"]) < 0).all()


def test_names_are_found_across_scripts_both_ways(letters):
    arabic = list(dict.fromkeys(one for one, _ in NAMES))
    first = {one: next(spelling for name, spelling in NAMES if name == one) for one in arabic}
    latin = [first[one] for one in arabic]
    found = letters.rank(arabic, latin, best=1)[:, 0]
    back = letters.rank(latin, arabic, best=1)[:, 0]
    assert np.mean(found == np.arange(len(arabic))) > 0.9
    assert np.mean(back == np.arange(len(arabic))) > 0.9


def test_a_written_model_reads_back_the_same(letters):
    again = read(write(letters, "a head\nof two lines"))
    assert np.allclose(again.steps, letters.steps, rtol=1e-5)
    pair = ["محمد"], ["mohammed"]
    assert again.log_odds(*pair) == pytest.approx(letters.log_odds(*pair), rel=1e-4)


def test_letters_are_learned_from_pairs_alone():
    # a made-up script: each Arabic letter is one Latin letter, and "a" is added behind every second one
    rng = np.random.default_rng(1)
    spelled = dict(zip(ARABIC, "bcdfghjklmnpqrstvwxzbcdfghjk", strict=False))
    names = ["".join(rng.choice(list(ARABIC[:20]), 5)) for _ in range(400)]
    pairs = [(name, "".join(spelled[c] + "a" * (place % 2) for place, c in enumerate(name))) for name in names]
    model = learn(pairs[:300])
    held = pairs[300:]
    found = model.rank([one for one, _ in held], [other for _, other in held], best=1)[:, 0]
    assert np.mean(found == np.arange(len(held))) > 0.97


def test_a_very_long_name_is_cut_and_an_empty_one_is_not_evidence(letters):
    longest, empty = letters.log_odds(["م" * 500, ""], ["m" * 500, ""])

    assert np.isfinite(longest)
    assert empty == 0
