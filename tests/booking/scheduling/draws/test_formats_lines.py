"""One line of a large file: found in whatever pieces the file comes, and nothing is read of what follows it."""

import gzip
import zlib

import pytest

from booking.scheduling.draws.formats import DamagedFileError, inflated_pieces, line_at

LINES = [b"first", b"", b"third " + b"x" * 300, b"last"]
FILE = b"".join(line + b"\n" for line in LINES)


def cut(content, size):
    return [content[begin : begin + size] for begin in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 100, 1_000])
def test_each_line_is_found_however_the_file_is_cut(size):
    assert [line_at(cut(FILE, size), number, "x") for number in range(len(LINES))] == LINES


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_a_line_that_is_not_there_or_has_no_end_is_refused(size):
    with pytest.raises(DamagedFileError, match="x: it has no line 5"):
        line_at(cut(FILE, size), 4, "x")
    with pytest.raises(DamagedFileError, match="it has no line 1"):
        line_at(cut(b"cut off", size), 0, "x")


def test_what_follows_the_line_is_not_asked_for():
    def pieces():
        yield b"first\nsec"
        yield b"ond\nth"
        pytest.fail("more was read")

    assert line_at(pieces(), 1, "x") == b"second"


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_what_is_compressed_comes_out_the_same_in_whatever_pieces_it_came(size):
    packed = gzip.compress(FILE * 50, mtime=0)

    assert b"".join(inflated_pieces(cut(packed, size), zlib.MAX_WBITS | 16, most=1 << 20, name="x")) == FILE * 50


@pytest.mark.parametrize(
    ("change", "words"),
    [(lambda packed: packed[:-1], "cut off"), (lambda packed: packed + b"x", "follows"), (lambda _: b"x" * 40, "x: ")],
    ids=["cut off", "longer", "not compressed"],
)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_a_damaged_file_is_refused_however_it_came(change, words, size):
    with pytest.raises(DamagedFileError, match=words):
        list(inflated_pieces(cut(change(gzip.compress(FILE)), size), zlib.MAX_WBITS | 16, most=1 << 20, name="x"))
