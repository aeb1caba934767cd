"""The wishes of a draw cut into columns are what they are key by key, and refused where they are refused so."""

import gzip
from datetime import date

import numpy as np
import pytest

from booking.scheduling.draws.asked import Asked
from booking.scheduling.draws.files import REQUESTS, pack_lines
from booking.scheduling.draws.format2.kept import read_requests
from booking.scheduling.draws.format2.line import Line, read_line
from booking.scheduling.draws.format2.nonces import place_salt
from booking.scheduling.draws.format2.wish_lines import read_wishes
from booking.scheduling.draws.formats import DamagedFileError

MOST = 1 << 20


@pytest.fixture(scope="module")
def rows(drawn, later):
    """The lines of both draws, with the row of the line that each belongs to."""
    return [
        (text, read_line(each.files, most=MOST)[number], each.closed.reference)
        for each in (drawn, later)
        for number, text in enumerate(gzip.decompress(each.files[REQUESTS]).splitlines())
    ]


def line_of(row):
    whole = np.array([row.priority], np.int32), row.person, row.receipt, [row.before]
    return Line(*whole, np.zeros(1, np.int32), np.zeros(1, np.bool_))


def refused(read, text, row, reference):
    try:
        read({REQUESTS: pack_lines([text])}, line_of(row), reference)
    except DamagedFileError:
        return True
    return False


def test_columns_hold_what_the_wishes_are_key_by_key(drawn, later):
    for each in (drawn, later):
        line, reference = read_line(each.files, most=MOST), each.closed.reference
        entrants, wishes = read_requests(each.files, line, reference), read_wishes(each.files, line, reference)
        expected = Asked.of([entrant.leaf for entrant in entrants])

        assert wishes.wrong is None
        for name in ("party", "units", "weekdays", "accessible", "first_day", "last_day", "needed_by", "together"):
            np.testing.assert_array_equal(getattr(wishes.asked, name), getattr(expected, name))
        for name in ("service", "door", "bands", "offices"):
            found, due = getattr(wishes.asked, name), getattr(expected, name)
            assert found.of(found.labels).tolist() == due.of(due.labels).tolist()
        assert wishes.asked.windows == expected.windows
        assert [wishes.base(row) for row in range(len(line))] == [entrant.base for entrant in entrants]
        assert [wishes.salt(row) for row in range(len(line))] == [place_salt(one.base, reference) for one in entrants]
        assert wishes.logged.tolist() == [entrant.logged for entrant in entrants]
        assert wishes.links == {row: one.link for row, one in enumerate(entrants) if one.link is not None}
        assert wishes.lasting.tolist() == [entrant.lasting for entrant in entrants]


@pytest.mark.parametrize("seed", range(3))
def test_a_line_that_is_changed_anywhere_is_refused_exactly_where_it_is_key_by_key(rows, seed):
    random = np.random.default_rng(seed)
    alphabet = [*b'"0,]}9-[{:az', 0xFF, 0x5C]
    for text, row, reference in rows:
        for _ in range(12):
            at, kind = int(random.integers(len(text))), int(random.integers(3))
            byte = bytes([int(random.choice(alphabet))])
            changed = text[:at] + (byte if kind else b"") + text[at + (kind != 1) :]

            strictly = refused(read_requests, changed, row, reference)

            assert refused(read_wishes, changed, row, reference) == strictly, changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"party":1,', b'"party":01,'),
        (b'"party":1,', b'"party":128,'),
        (b'"units":1,', b'"units":0,'),
        (b'"weekdays":127', b'"weekdays":128'),
        (b'"door":"home"', b'"door":"moon"'),
        (b'"lasting":0', b'"lasting":40000'),
        (b'"last_day":null', b'"last_day":"2000-01-01"'),
        (b'"first_day":"2026', b'"first_day":"1926'),
        (b'"first_day":"2026-11-08"', b'"first_day":null'),
        (b'"needed_by":null', b'"needed_by":"2026-02-30"'),
        (b'"aleppo"', b'"aleppo","aleppo"'),
        (b'"aleppo"', b'"aleppo", "homs"'),
        (b'"morning"]', b'"morning","afternoon"]'),
        (b'"logged":', b'"logged":0'),
        (b'"link":null', b'"link":{}'),
        (b'"service":"passport-renewal"', b'"service":"\\u0070assport-renewal"'),
    ],
)
def test_a_value_that_cannot_be_is_refused_however_often_its_spelling_was_met(drawn, old, new):
    line, reference = read_line(drawn.files, most=MOST), drawn.closed.reference
    lines = gzip.decompress(drawn.files[REQUESTS]).splitlines()
    number = max(row for row, text in enumerate(lines) if old in text)
    lines[number] = lines[number].replace(old, new, 1)

    with pytest.raises(DamagedFileError, match=f"line {number + 1}: "):
        read_wishes({REQUESTS: pack_lines(lines)}, line, reference)


def test_a_day_after_papers_end_is_no_day_of_the_request(drawn):
    line, reference = read_line(drawn.files, most=MOST), drawn.closed.reference
    entrants = read_requests(drawn.files, line, reference)
    row = next(row for row, one in enumerate(entrants) if one.leaf.holds and one.leaf.wish.last_day is None)

    asked = read_wishes(drawn.files, line, reference).asked

    assert asked.last_day[row].astype(date) == entrants[row].leaf.holds.last
