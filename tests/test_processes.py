"""Tests that run side by side in forked processes: each once, each reported, whatever becomes of its process."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.root import ROOT

RUNS_SIDE_BY_SIDE = """
from tests.processes import run_side_by_side
def pytest_runtestloop(session):
    run_side_by_side(session, 3, session.config._tmp_path_factory.getbasetemp())
    return True
"""
TEN = "import pytest, os, pathlib\n@pytest.mark.parametrize('n', range(10))\ndef test_it(n, tmp_path):\n    "


@pytest.fixture
def run(tmp_path: Path):
    """Run files of ten tests each, which all do one thing, in three processes; return the exit code and the output."""

    def make(*options: str, **does: str) -> tuple[int, str]:
        (tmp_path / "conftest.py").write_text(RUNS_SIDE_BY_SIDE)
        for name, statement in does.items():
            (tmp_path / f"test_{name}.py").write_text(TEN + statement)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-o",
                f"pythonpath={shlex.quote(str(ROOT))}",
                *options,
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return make


def counted(output: str) -> dict[str, int]:
    last = output.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", last)}


def test_each_test_runs_once_and_in_a_process_that_goes_from_file_to_file(run, tmp_path):
    log = tmp_path / "log"
    line = f"open({str(log)!r}, 'a').write(f'{{__name__}} {{n}} {{os.getpid()}} {{tmp_path}}\\n')"
    code, output = run(**{f"file_{number}": line for number in range(8)})

    assert (code, counted(output)) == (0, {"passed": 80})
    lines = [one.split() for one in log.read_text().splitlines()]
    assert len({(file, n) for file, n, _, _ in lines}) == len({path for *_, path in lines}) == len(lines) == 80
    assert 1 < len({process for _, _, process, _ in lines}) <= 3
    assert len({(file, process) for file, _, process, _ in lines}) == 8


def test_failures_and_what_they_printed_are_reported_and_the_rest_runs_on(run):
    code, output = run(good="pass", skips="pytest.skip()", bad="print(f'said by {n}'); assert n != 7")

    assert (code, counted(output)) == (1, {"passed": 19, "skipped": 10, "failed": 1})
    assert "said by 7" in output
    assert "said by 6" not in output


def test_a_failure_is_named_with_its_reason_before_the_next_test_is_reported(run):
    code, output = run("-vv", good="pass", bad="assert n != 7, f'seven\\nand more'", lost="n != 2 or os._exit(3)")

    assert code == 1
    named = output.index("FAILED test_bad.py::test_it[7] (call) - AssertionError: seven\n")
    assert named < output.index("test_bad.py::test_it[8] PASSED")
    died = output.index("FAILED test_lost.py::test_it[2] (call) - ")
    assert output[died:].splitlines()[0].endswith("died with 3; what else it had taken is not run")
    assert max(named, died) < output.index(" FAILURES ")


def test_a_test_that_ends_its_process_is_reported_as_failed(run):
    code, output = run(a="pass", b="n != 4 or os._exit(3)", c="pass", d="pass")

    assert code == 1
    assert counted(output)["failed"] == 1
    assert "test_b.py::test_it[4]" in output
    assert "died with 3" in output


def test_the_first_failure_ends_the_run_where_that_is_asked_for(run):
    code, output = run("-x", bad="assert False", **{f"later_{number}": "pass" for number in range(30)})

    assert code == 1
    assert "stopping after 1 failures" in output
