"""The order of tests: what is long comes early, and what draws not before it can be compiled."""

from tests.order import COMPILED, not_quick, read_times, turns_of
from tests.support.root import ROOT


def test_every_long_file_is_there():
    assert [path for path in {*read_times(), *not_quick()} if not path.is_file()] == []


def test_the_longest_files_come_first_and_drawing_ones_once_all_is_compiled():
    times = read_times()
    early, short = ROOT / "tests/test_early.py", ROOT / "tests/booking/test_short.py"
    turns = turns_of([*times, early, short], [early], processes=1)

    first, second, *rest = sorted(turns, key=turns.__getitem__)
    assert (first, second, rest[-1]) == (max(times, key=times.__getitem__), early, short)
    others = [path for path in rest if not {"attacks", "allocation"} & {*path.parts}][:-1]
    assert others == sorted(others, key=lambda path: (-times[path], path))
    drawing = next(place for place, path in enumerate(rest) if {"attacks", "allocation"} & {*path.parts})
    assert sum(times[path] for path in rest[:drawing]) >= COMPILED
