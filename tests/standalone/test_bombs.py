"""Small files that hold much, and folders that are no folders of files, are refused in words and little memory."""

import gzip
import tracemalloc
from os import mkfifo

import pytest

from booking.scheduling.draws.files import BINS, DRAW, MEDIA_TYPES, PLAN, REPORT, REQUESTS
from booking.scheduling.draws.verification import verify_files
from tests.standalone.drawn import invented
from tests.standalone.forging import restated, written

MUCH, LITTLE = 1 << 24, 1 << 23
BOMBS = {
    "a line without an end": lambda _: {REQUESTS: gzip.compress(b"[" * MUCH, 1, mtime=0)},
    "empty lines without end": lambda _: {REQUESTS: gzip.compress(b"\n" * MUCH, 1, mtime=0)},
    "one request many times": lambda files: {
        REQUESTS: gzip.compress(gzip.decompress(files[REQUESTS]).splitlines(keepends=True)[0] * 40_000, 1, mtime=0)
    },
    "empty rows of the plan": lambda files: {PLAN: files[PLAN] + b"\n" * (MUCH >> 4)},
    "more rows of the plan than requests": lambda files: {
        PLAN: b"leaf,position,bin,first_slot,units\n" + b"".join(b"%d,0,,,\n" % row for row in range(MUCH >> 8))
    },
    "empty rows of bins": lambda files: {BINS: files[BINS] + b"\n" * (MUCH >> 4)},
}


@pytest.fixture(scope="module")
def honest():
    return invented(12, seed=3, largest=3, wide=4, days=2)


def peak_of(work):
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", BOMBS)
def test_what_a_small_file_holds_is_refused_at_its_first_fault(honest, verdict, kind):
    forged = restated(honest, BOMBS[kind](honest))
    size = max(map(len, forged.values()))

    said, alone = peak_of(lambda: verdict(forged))
    report, ours = peak_of(lambda: verify_files(forged))

    assert said
    assert "damaged: " not in said
    assert not report.ok
    assert max(alone, ours) < LITTLE + 4 * size


@pytest.mark.parametrize(("name", "most"), [(DRAW, 1 << 20), (REPORT, 1 << 24)])
def test_a_file_larger_than_it_can_be_is_not_read(honest, verdict, name, most):
    forged = restated(honest, {name: b" " * most + honest[name]})

    assert "larger than" in verdict(forged)
    assert "larger than" in verify_files(forged).words()


@pytest.mark.parametrize("name", sorted(MEDIA_TYPES))
def test_anything_else_in_place_of_a_file_counts_as_missing(program, honest, tmp_path, capsys, name):
    for kind, make in enumerate((mkfifo, lambda path: path.mkdir(), lambda path: path.symlink_to(path))):
        folder = tmp_path / str(kind)
        folder.mkdir()
        written({other: content for other, content in honest.items() if other != name}, folder)
        make(folder / name)

        assert program.main(folder) == 1
        assert name in capsys.readouterr().out.splitlines()[-1]
        (found,) = verify_files(folder).checks
        assert found[1].startswith(f"{name}: ")


def test_both_say_the_same_of_a_receipt_that_took_no_part(program, honest, tmp_path, capsys):
    assert program.main(written(honest, tmp_path), "00" * 32) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "FAILED: no request with this receipt took part"
