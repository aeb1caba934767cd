"""A stored file is checked once, and its successor again."""

import pytest

from booking.country.packs import parsed
from booking.country.packs.parsed import Parsed


def test_a_file_is_read_once_and_one_that_equals_it_again():
    read = []
    spec_of = Parsed(lambda stored: read.append(stored) or dict(stored))
    first, second = {"a": 1}, {"a": 1}

    assert spec_of(first) is spec_of(first)
    assert spec_of(second) == spec_of(first)
    assert len(read) == 2
    assert read[0] is first
    assert read[1] is second


def test_what_was_not_asked_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr(parsed, "MOST", 2)
    read = []
    spec_of = Parsed(lambda stored: read.append(stored["n"]))
    files = [{"n": number} for number in range(3)]
    for number in (0, 1, 0, 2, 0, 1):
        spec_of(files[number])

    assert read == [0, 1, 2, 1]


def test_a_file_that_cannot_be_read_is_refused_each_time():
    spec_of = Parsed(lambda stored: stored["missing"])
    for _ in range(2):
        with pytest.raises(KeyError):
            spec_of({})
