"""A second opinion on every kind of page: the W3C's own checker, whose rules are others than those of axe.

Usage: python -m benchmarks.validity [FOLDER | TESTS …]   (tests/api/pages unless told)

Runs tests of pages and keeps each kind of page that they see, as it was sent, in both languages, or takes the pages of
a folder that were kept so (MAWID_KEEP_PAGES); then the Nu Html Checker reads them all: HTML as the standard has it,
what may stand in what, ARIA in HTML, doubled ids, addresses, languages. Needs ``npm`` to fetch the checker (npm's
``vnu-jar``) and ``java`` to run it, so it is run on purpose and not with the tests. Status 1 where it finds a fault.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

from benchmarks.kept_pages import kept_pages, language_of, route_of

CHECKER: Final = "vnu-jar@26"


def main(given: list[str]) -> int:
    """Check the pages, and print each fault once with the pages that have it."""
    with kept_pages(given) as pages, tempfile.TemporaryDirectory() as checker:
        subprocess.run(["npm", "install", "--silent", "--prefix", checker, CHECKER], check=True)
        jar = next(Path(checker).rglob("vnu.jar"))
        answer = subprocess.run(
            ["java", "-jar", jar, "--format", "json", "--skip-non-html", pages],
            check=False,
            stderr=subprocess.PIPE,
        )
        messages = json.loads(answer.stderr)["messages"]
        languages = Counter(language_of(page) for page in pages.iterdir())
        routes = len({route_of(page) for page in pages.iterdir()})
        print(f"{languages.total()} kinds of pages of {routes} routes ({dict(languages)}), {len(messages)} messages")
        return _report(messages)


def _report(messages: list[dict[str, str]]) -> int:
    faults: dict[str, set[str]] = defaultdict(set)
    for one in messages:
        if one["type"] == "error" or one.get("subType") == "warning":
            route = route_of(Path(one["url"]))
            faults[f"{one['type']}: {one['message']}\n    {one.get('extract', '').strip()}"].add(route)
    for fault, routes in sorted(faults.items()):
        print(f"- {fault}\n    {len(routes)} kinds, as {min(routes)}")
    return int(any(fault.startswith("error") for fault in faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
