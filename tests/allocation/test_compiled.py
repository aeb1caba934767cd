"""Compiled code that is kept on disk is used only while its own file and all files that it imports are the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import int8, int64

import allocation
from allocation.compiled import compiled

STEPS = "STEP = 1\n"
CALLED = """
from small.compiled import compiled
from small.steps import STEP


@compiled
def next_one(number):
    return number + STEP
"""
CALLER = """
from small import called
from small.compiled import compiled


@compiled
def next_but_one(number):
    return called.next_one(called.next_one(number))


print(next_but_one(1), sum(next_but_one.stats.cache_hits.values()))
"""


@pytest.mark.slow
def test_code_kept_on_disk_is_compiled_again_when_what_it_calls_changes(tmp_path):
    package = tmp_path / "small"
    package.mkdir()
    for name in ("__init__", "compiled"):
        (package / f"{name}.py").write_text(Path(allocation.__file__).with_name(f"{name}.py").read_text())
    for name, source in (("steps", STEPS), ("called", CALLED), ("caller", CALLER)):
        (package / f"{name}.py").write_text(source)

    def run():
        command = [sys.executable, "-m", "small.caller"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert [run(), run()] == ["3 0\n", "3 1\n"]
    (package / "steps.py").write_text("STEP = 10\n")
    assert [run(), run()] == ["21 0\n", "21 1\n"]


@compiled
def doubled(number):
    return 2 * number


@compiled
def doubled_sum(narrow, wide):
    return doubled(1) + doubled(-3) + doubled(narrow[0]) + doubled(wide[0]) + doubled(0.5)


@pytest.mark.slow
def test_integers_of_any_width_and_constants_are_compiled_once():
    for one in (doubled, doubled_sum):
        one._cache.flush()  # of an earlier run: nothing would be compiled
    assert doubled_sum(np.array([5], np.int8), np.array([2**40])) == 2 * (1 - 3 + 5 + 2**40 + 0.5)
    assert {str(kinds) for kinds in doubled.signatures} == {"(int64,)", "(float64,)"}


@pytest.mark.slow
def test_integers_are_widened_too_where_no_folder_can_keep_the_code():
    made = {}
    exec(compile("def tripled(number):\n    return 3 * number", "<no file>", "exec"), made)  # noqa: S102 - has no folder
    tripled = compiled(made["tripled"])

    tripled.get_call_template([int8], ())

    assert tripled.signatures == [(int64,)]
