"""Rows of the line cut many at a time are what they are row by row, and refused where they are refused so."""

import numpy as np
import pytest

from booking.scheduling.draws.format2 import cut_rows, line
from booking.scheduling.draws.format2.line import read_leaves, read_line
from booking.scheduling.draws.format2.tables import LEAF_COLUMNS, LEAVES, LINE, LINE_COLUMNS
from booking.scheduling.draws.formats import DamagedFileError

pytestmark = pytest.mark.slow

MOST = 1 << 20
ALPHABET = [*b'"0,1a9-f\n:Az', 0xFF]
HEADERS = {LINE: ",".join(LINE_COLUMNS).encode(), LEAVES: ",".join(LEAF_COLUMNS).encode()}


def table(rows, name):
    """A table of so many rows, every third one with a link, whose numbers grow by a digit here and there."""
    random = np.random.default_rng(rows)
    receipts = sorted(random.bytes(32) for _ in range(rows))
    lines = [HEADERS[name]]
    for row, receipt in enumerate(receipts):
        before = b"" if row % 3 else random.bytes(32).hex().encode()
        cells = (row, random.bytes(16).hex(), int(random.choice([0, 7, 10, 32767])), receipt.hex())
        behind = b",%d,%d" % (10 ** int(random.integers(9)), row % 2) if name == LINE else b""
        lines.append(b"%d,%s,%d,%s," % (cells[0], cells[1].encode(), cells[2], cells[3].encode()) + before + behind)
    return b"\n".join([*lines, b""])


def read(content, name):
    try:
        return read_line({LINE: content}, most=MOST) if name == LINE else read_leaves({LEAVES: content})
    except DamagedFileError as error:
        return str(error)


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return [one[row] for row in range(len(one))] == [other[row] for row in range(len(other))]


@pytest.mark.parametrize("name", [LINE, LEAVES])
@pytest.mark.parametrize("rows", [0, 1, 9, 120])
def test_rows_cut_many_at_a_time_are_what_they_are_one_by_one(name, rows, monkeypatch):
    content = table(rows, name)
    monkeypatch.setattr(cut_rows, "AT_ONCE", 50)
    cut = read(content, name)
    if rows:
        with monkeypatch.context() as all_usual:
            all_usual.setattr(line, "_row_by_row", None)
            assert same(read(content, name), cut)
    monkeypatch.setattr(line, "cut_table", lambda *_, **__: None)

    assert len(cut) == rows
    assert same(cut, read(content, name))


@pytest.mark.parametrize("name", [LINE, LEAVES])
def test_a_table_that_is_changed_anywhere_is_refused_exactly_where_it_is_row_by_row(name, monkeypatch):
    content, random = table(12, name), np.random.default_rng(3)
    monkeypatch.setattr(cut_rows, "AT_ONCE", 5)
    refused = 0
    for _ in range(500):
        at, kind = int(random.integers(len(content))), int(random.integers(3))
        byte = bytes([int(random.choice(ALPHABET))])
        changed = content[:at] + (byte if kind else b"") + content[at + (kind != 1) :]
        found = read(changed, name)
        with monkeypatch.context() as by_row:
            by_row.setattr(line, "cut_table", lambda *_, **__: None)
            due = read(changed, name)

        assert same(found, due), changed
        refused += isinstance(due, str)
    assert 300 < refused < 500


def test_more_rows_than_there_can_be_are_refused(monkeypatch):
    monkeypatch.setattr("tests.booking.scheduling.draws.format2.test_cut_rows.MOST", 11)

    assert "more than 11 rows" in read(table(12, LINE), LINE)
