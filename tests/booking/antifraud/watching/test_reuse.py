"""Near pictures are found quickly, and what that finds is known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from booking.antifraud.watching.limits import false_questions
from booking.antifraud.watching.reuse import NEAR, informative, near
from booking.people.evidence.convert import convert
from tests.booking.antifraud.watching.papers import a_letter

WORD = st.integers(0, 2**64 - 1)


@given(new=st.lists(WORD, min_size=1, max_size=20), known=st.lists(WORD, min_size=1, max_size=20), flips=st.data())
def test_near_returns_exactly_the_pairs_within_the_bound(new, known, flips):
    known = known + [one ^ (1 << flips.draw(st.integers(0, 63))) for one in new[:3]]
    pairs, crowded = near(np.array(new, dtype=np.uint64), np.array(known, dtype=np.uint64))
    expected = {
        (row, column, (one ^ other).bit_count())
        for row, one in enumerate(new)
        for column, other in enumerate(known)
        if (one ^ other).bit_count() <= NEAR
    }
    assert (set(pairs), len(pairs), crowded) == (expected, len(expected), set())


def test_pages_in_a_crowd_are_named_instead_of_paired():
    rng = np.random.default_rng(5)
    apart = rng.integers(0, 2**64, 300, dtype=np.uint64)
    form = apart[0] ^ (np.uint64(1) << np.arange(64, dtype=np.uint64))  # each one bit from the first, two from another
    edge = form[:1] ^ np.uint64(0b1110)
    known = np.concatenate([apart, form, edge])
    pairs, crowded = near(known, known)
    rows = {row for pair in pairs for row in pair[:2]}
    assert crowded >= {0, *range(300, 364)}
    assert set(range(1, 300)) <= rows
    assert crowded.isdisjoint(range(1, 300))


def test_only_copies_of_a_letter_are_near_and_blank_pages_are_ignored():
    def fingerprint(content: bytes) -> int:
        return int(convert(content)[1][0], 16)

    prints = [fingerprint(a_letter(seed)) for seed in range(40)]
    copies = [fingerprint(a_letter(seed, quality=50)) for seed in range(40)]
    assert sum((one ^ other).bit_count() <= NEAR for one, other in zip(prints, copies, strict=True)) >= 39
    apart = [(one ^ other).bit_count() for n, one in enumerate(prints) for other in prints[:n]]
    assert sum(each <= NEAR for each in apart) == 0
    assert all(map(informative, prints))
    assert not informative(0)
    assert not informative(2**64 - 1)


def test_chance_opens_few_questions_among_a_thousand_honest_officers():
    for per_day, share in ((0.3, 0.3), (2.0, 0.6)):
        a_month = false_questions(officers=3000, days=180, per_day=per_day, share=share, seed=3)
        assert 0.3 < a_month / 3 < 4


def test_chance_opens_no_question_where_few_cases_are_decided():
    assert false_questions(officers=200, days=60, per_day=0.02, share=0.5, seed=1) == 0
