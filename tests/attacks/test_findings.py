"""Every finding of the review has an attack that is tried again, and says that it succeeded before."""

import ast
import re
from pathlib import Path

from tests.support.root import ROOT

HERE = Path(__file__).parent
ROWS = re.findall(
    r"^\| ([HML]\d) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs/security.md").read_text(encoding="utf-8"), re.MULTILINE
)
EVERY = ["H1", "H2", "H3", "H4", "H5", *(f"M{n}" for n in range(1, 10)), *(f"L{n}" for n in range(1, 9))]
OF_BEFORE = re.compile(r"\b(before|succeeded)\b", re.IGNORECASE)


def test_every_finding_is_tried_again_and_every_attack_is_in_the_table():
    assert [finding for finding, _ in ROWS] == EVERY
    named = {one for _, tests in ROWS for one in re.findall(r"`([^`]+)`", tests)}
    assert {one.partition("::")[0] for one in named} >= {
        f"attacks/{file.name}" for file in HERE.glob("test_*.py") if file != Path(__file__)
    }
    for one in sorted(named):
        file, _, test = one.partition("::")
        module = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        found = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
        said = f"{ast.get_docstring(module)} {ast.get_docstring(found[test]) if test else ''}"
        assert OF_BEFORE.search(said), f"{one} does not say what succeeded before"
