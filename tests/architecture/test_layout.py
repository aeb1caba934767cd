import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.root import ROOT

pytestmark = pytest.mark.slow

BESIDE = ("tests", "benchmarks")
PACKAGES = ("allocation", "api", "booking", "fraud")
LONGEST = 600
LONGEST_NAME = 80
HEAVY = {"numba", "ortools", "sklearn", "scipy", "altair", "vl_convert"}
LOADED = {
    "booking.opening": HEAVY | {"pandas"},
    "allocation": HEAVY,
    "fraud": HEAVY,
    "api.main": HEAVY,
    "booking.entrypoints.commands.worker": HEAVY - {"scipy"},
}


def sources(folders=PACKAGES):
    return [file for folder in folders for file in (ROOT / folder).rglob("*.py")]


def test_no_file_is_too_long():
    sql = [file for file in (ROOT / "booking").rglob("*.sql") if not file.name.startswith("procrastinate")]
    lines = {
        str(file): len(file.read_text(encoding="utf-8").splitlines()) for file in [*sources(PACKAGES + BESIDE), *sql]
    }
    assert {file: length for file, length in lines.items() if length > LONGEST} == {}


def test_no_test_name_is_too_long():
    name = re.compile(rf"^ *(?:async )?def (test_\w{{{LONGEST_NAME - 4},}})", re.MULTILINE)
    found = {str(file): name.findall(file.read_text(encoding="utf-8")) for file in sources(("tests",))}
    assert {file: names for file, names in found.items() if names} == {}


def test_only_one_module_of_the_tests_counts_folders_up_to_the_root():
    counting = re.compile(r"__file__\)(?:\.resolve\(\))?\.parents\[")
    found = [file for file in sources(("tests",)) if counting.search(file.read_text(encoding="utf-8"))]
    assert found == [ROOT / "tests/support/root.py"]


def test_every_module_has_a_docstring():
    assert [str(file) for file in sources() if not file.read_text(encoding="utf-8").startswith('"""')] == []


def test_each_entry_under_raises_names_one_error():
    section = re.compile(r'^( +)Raises\n\1-+\n((?:\1(?!""").+\n)+)', re.MULTILINE)
    for file in [*sources(), *(ROOT / "benchmarks").rglob("*.py")]:
        for indent, entries in section.findall(file.read_text(encoding="utf-8")):
            names = re.findall(rf"^{indent}(\S.*)$", entries, re.MULTILINE)
            assert [name for name in names if not re.fullmatch(r"[\w.]+", name)] == [], file


def test_nothing_is_marked_as_unfinished():
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b")
    assert [str(file) for file in sources() if mark.search(file.read_text(encoding="utf-8"))] == []


def test_layers_hold_and_the_libraries_know_no_database_and_no_web():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_importing_opens_no_connection_reads_no_setting_and_loads_nothing_heavy():
    """Neither a web process nor a worker at rest needs the compiler, the solvers, what draws charts or what trains.

    What opens a core alone, as most commands do, needs no frames either.
    """
    code = (
        "import os, socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('a connection at import')\n"
        "socket.socket.connect = refuse\n"
        "os.environ['MAWID_NO_SUCH_SETTING'] = '1'\n"
        f"for name, heavy in {[*LOADED.items()]}:\n"  # what one loads, the next ones find: so the strictest are first
        "    __import__(name)\n"
        "    found = heavy & set(sys.modules)\n"
        "    if found: raise SystemExit(f'{name}: {found}')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_name_of_the_allocation_library_can_be_loaded():
    code = "import allocation; [getattr(allocation, name) for name in allocation.__all__ if name != 'lottery']"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
