"""The page of faults names the test of each, and every test that it names is there."""

import re

from tests.support.root import ROOT

NAMED = re.compile(r"`(test_\w+)`")


def test_every_test_that_the_page_of_faults_names_is_there():
    rows = [
        line
        for line in (ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| Fault", "| Where"))
    ]
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert len(rows) > 15
    for row in rows:
        named = set(NAMED.findall(row))
        assert named, row
        assert named <= there, sorted(named - there)
