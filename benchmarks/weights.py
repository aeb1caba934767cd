"""Weighs every page of a citizen, with its style and scripts, by the scales of its own version's test.

Run with ``.venv/bin/python -P benchmarks/weights.py [CHECKOUT …]``: of each checkout (this one where none is given),
which needs its own ``.venv`` (``./run test --version`` makes it), the heaviest page of each route in either language.
With two checkouts the columns stand side by side. ``--into docs/face.md`` writes those of this checkout there.
"""

import argparse
import json
import os
import runpy
import subprocess
import tempfile
from pathlib import Path
from typing import Final

TABLES = runpy.run_path(str(Path(__file__).with_name("into_tables.py")))
TEST: Final = "tests/api/pages/test_weight.py::test_every_page_of_a_citizen_is_under_15_kilobytes"
PLUGIN: Final = """
import json, os
from tests.api.pages import scales

seen, begin = [], scales.Scales.__init__

def remember(self, client):
    begin(self, client)
    seen.append(self)

scales.Scales.__init__ = remember

def pytest_sessionfinish():
    heaviest = {}
    for one in seen:
        for route, weight in one.weights.items():
            heaviest[route] = max(weight, heaviest.get(route, 0))
    with open(os.environ["WEIGHTS"], "w") as file:
        json.dump(heaviest, file)
"""
"""Keeps what the scales of a test showed; it needs nothing but their class, which every version has had."""


def weigh(checkout: Path) -> dict[str, int]:
    """Return the bytes of the heaviest page of each route of a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "keep_weights.py").write_text(PLUGIN, encoding="utf-8")
        found = Path(folder, "weights.json")
        environment = {**os.environ, "PYTHONPATH": f"{folder}:{checkout}", "WEIGHTS": str(found)}
        command = [checkout / ".venv/bin/python", "-m", "pytest", "-q", "-p", "keep_weights", TEST]
        subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, check=False)
        weights: dict[str, int] = json.loads(found.read_text(encoding="utf-8"))
    return weights


def main() -> None:
    """Print a table in Markdown, or fill in the one of a page."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("checkouts", nargs="*", type=Path)
    asked.add_argument("--into", type=Path, help="the page whose table is filled in")
    given = asked.parse_args()
    here = Path(__file__).parents[1]
    if given.into:
        of_routes = weigh(here)
        told = {f"`{route}`": f"{weight:,}" for route, weight in of_routes.items()}
        told |= {"heaviest": f"{max(of_routes.values()):,}"}
        TABLES["fill_in"](given.into, "Weight", {"after": told})
        return
    checkouts = [one.resolve() for one in given.checkouts] or [here]
    weighed = [weigh(one) for one in checkouts]
    print("| Page |", " | ".join(f"{one.name}, bytes" for one in checkouts), "|")
    print("|---|" + "---:|" * len(checkouts))
    for route in sorted({route for one in weighed for route in one}):
        print(f"| `{route}` |", " | ".join(f"{one[route]:,}" if route in one else "–" for one in weighed), "|")
    print("| heaviest |", " | ".join(f"{max(one.values()):,}" for one in weighed), "|")


if __name__ == "__main__":
    main()
