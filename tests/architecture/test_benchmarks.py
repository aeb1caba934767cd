"""What benchmarks measure with tells what is so, who calls is left out, and the list of benchmarks is complete."""

import ast
import os
import runpy
import subprocess
import sys

from tests.support.root import ROOT

PROCESSOR = runpy.run_path(str(ROOT / "benchmarks" / "replayed" / "processor.py"))
TICK = 1 / os.sysconf("SC_CLK_TCK")
LOAD = """
import os, sys, time
def spend(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
if os.fork() == 0:
    spend(0.15)
    os._exit(0)
os.wait()
spend(0.1)
print(sum(os.times()[:4]), flush=True)
sys.stdin.read()
"""


def test_a_known_load_is_found_again_and_who_calls_is_left_out():
    """One of the load's processes has ended, as connections of a database do, and one lives on."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as load:
        others = PROCESSOR["total"](but=load.pid)
        known = float(load.stdout.readline())
        found = PROCESSOR["total"](load.pid)
        left = PROCESSOR["total"](but=load.pid) - others
        everything = PROCESSOR["total"]()
        load.communicate()

    assert known >= 0.2
    assert abs(found - known) <= 4 * TICK, "each of four numbers is cut to whole ticks"
    assert left <= known / 2, "only what else this process started"
    assert everything >= found - TICK


def test_the_list_of_benchmarks_says_what_each_measures():
    said = subprocess.run([ROOT / "run", "bench"], capture_output=True, text=True, check=True).stdout
    listed = dict(line.split(maxsplit=1) for line in said.splitlines())
    files = {file.stem: file.read_text() for file in (ROOT / "benchmarks").glob("*.py")}

    assert set(listed) == {name for name, source in files.items() if '\nif __name__ == "__main__":' in source}
    for name, what in listed.items():
        assert ast.get_docstring(ast.parse(files[name])).splitlines()[0] == what


def test_an_unknown_benchmark_is_refused():
    refused = subprocess.run([ROOT / "run", "bench", "nothing"], capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert "there is no benchmarks/nothing.py" in refused.stderr
