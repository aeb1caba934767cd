"""What scenarios came to, as tables of docs/conformance.md."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from api.govstack.registration import operations as registration
from api.govstack.scheduler import operations as scheduler
from api.problems.adapters import OUTSIDE

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
BEGIN, END = "<!-- written by ./run conformance --write -->", "<!-- end of what is written -->"


@dataclass
class Suite:
    """What a suite's scenarios came to, and why those that did not pass did not."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def scenarios(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


def read(name: str, report: Path) -> Suite:
    """Read what cucumber-js wrote of a suite (its JSON format)."""
    suite = Suite(name)
    for feature in json.loads(report.read_text(encoding="utf-8")):
        for scenario in feature["elements"]:
            status = _status(scenario["steps"])
            suite.counts[status] += 1
            if status == SKIPPED:
                suite.reasons[_said(scenario["steps"])] += 1
            elif status == FAILED:
                wrong = next(step for step in scenario["steps"] if step["result"]["status"] not in {PASSED, SKIPPED})
                suite.failures.append(f"{scenario['name']}: {wrong['result'].get('error_message', 'undefined step')}")
    return suite


def read_tests(name: str, report: Path) -> Suite:
    """Read what pytest wrote of a suite (JUnit's format); one that was skipped was not tried, and so failed."""
    suite = Suite(name)
    for one in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest of this very run wrote it
        wrong = [part for part in one if part.tag in {"failure", "error", "skipped"}]
        suite.counts[FAILED if wrong else PASSED] += 1
        suite.failures += [f"{one.get('name')}: {part.get('message')}" for part in wrong]
    return suite


def _status(steps: Iterable[Mapping[str, Mapping[str, str]]]) -> str:
    found = {step["result"]["status"] for step in steps}
    if found <= {PASSED}:
        return PASSED
    return SKIPPED if found <= {PASSED, SKIPPED} else FAILED


def _said(steps: Iterable[Mapping[str, object]]) -> str:
    """Return why the candidate says it is not what was asked for."""
    kept = [str(one["data"]) for step in steps for one in step.get("embeddings", ())]
    return b64decode(kept[0]).decode() if kept else "without a reason"


def tables(suites: Iterable[Suite]) -> str:
    """Write the tables: suite by suite, then operation by operation."""
    lines = ["| suite | scenarios | passed | not what Mawid is | failed |", "|---|--:|--:|--:|--:|"]
    suites = list(suites)
    for suite in suites:
        counts = (suite.counts[PASSED], suite.counts[SKIPPED], suite.counts[FAILED])
        lines.append(f"| {suite.name} | {suite.scenarios} | {' | '.join(map(str, counts))} |")
    lines += ["", "Why not:", "", "| suite | scenarios | what the answer says |", "|---|--:|---|"]
    for suite in suites:
        lines += [f"| {suite.name} | {n} | {reason} |" for reason, n in sorted(suite.reasons.items())]
    lines += [
        "",
        "Each operation, below `/api/govstack`:",
        "",
        "| operation | answered | or why not |",
        "|---|---|---|",
    ]
    for path, method, answer in operations():
        told = f"no | {OUTSIDE[answer]}" if isinstance(answer, str) else "yes |"
        lines.append(f"| `{method} {path}` | {told} |")
    return "\n".join(lines)


def operations() -> Iterator[tuple[str, str, object]]:
    """Yield path, method and what answers each operation of the building blocks."""
    for resource, of_resource in scheduler.OPERATIONS.items():
        for (method, rest), answer in of_resource.items():
            yield f"/scheduler/{resource}/{rest}".rstrip("/"), method, answer
    for (method, path), answer in (registration.FOR_EVERYONE | registration.FOR_ACCOUNTS).items():
        yield f"/registration{path}", method, answer


def filled(page: str, written: str) -> str:
    """Return a page with what is written between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError("the page has no place for the tables")
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{after}"
