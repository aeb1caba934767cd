"""A second opinion on every kind of page: the W3C's own checker, whose rules are others than those of axe.

Usage: python -P benchmarks/validity.py [TESTS …]   (tests/api/pages unless told)

Runs tests of pages and keeps each kind of page that they see, as it was sent; then the Nu Html Checker reads them all:
HTML as the standard has it, what may stand in what, ARIA in HTML, doubled ids, addresses, languages. Needs ``npm`` to
fetch the checker (npm's ``vnu-jar``) and ``java`` to run it, so it is run on purpose and not with the tests. Status 1
where it finds a fault.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CHECKER: Final = "vnu-jar@26"


def main(tests: list[str]) -> int:
    """Keep the pages, check them, and print each fault once with the pages that have it."""
    with tempfile.TemporaryDirectory() as folder:
        pages, checker = Path(folder, "pages"), Path(folder, "checker")
        pages.mkdir()
        checker.mkdir()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(tests or ["tests/api/pages"])],
            cwd=ROOT,
            env=os.environ | {"MAWID_KEEP_PAGES": str(pages)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        subprocess.run(["npm", "install", "--silent", "--prefix", checker, CHECKER], check=True)
        jar = next(checker.rglob("vnu.jar"))
        answer = subprocess.run(
            ["java", "-jar", jar, "--format", "json", "--skip-non-html", pages],
            check=False,
            stderr=subprocess.PIPE,
        )
        messages = json.loads(answer.stderr)["messages"]
        print(f"{len(list(pages.iterdir()))} kinds of pages, {len(messages)} messages")
        return _report(messages)


def _report(messages: list[dict[str, str]]) -> int:
    faults: dict[str, set[str]] = defaultdict(set)
    for one in messages:
        if one["type"] == "error" or one.get("subType") == "warning":
            route = Path(one["url"]).name.partition("~")[0].replace("!", "/")
            faults[f"{one['type']}: {one['message']}\n    {one.get('extract', '').strip()}"].add(route)
    for fault, routes in sorted(faults.items()):
        print(f"- {fault}\n    {len(routes)} kinds, as {min(routes)}")
    return int(any(fault.startswith("error") for fault in faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
