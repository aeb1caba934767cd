"""The table of OWASP ASVS 5.0 (`docs/asvs.csv`) as a document: ``python -m tests.architecture.asvs`` writes it."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from tests.support.root import ROOT

TABLE: Final = ROOT / "docs" / "asvs.csv"
DOCUMENT: Final = ROOT / "docs" / "asvs.md"
STANDARD: Final = ROOT / "tests" / "architecture" / "asvs_5_0_0.txt"
STATES: Final = ("met", "not met", "not applicable")
GOAL: Final = 2
CHAPTERS: Final = (
    *("Encoding and sanitization", "Validation and business logic", "Web frontend security", "API and web service"),
    *("File handling", "Authentication", "Session management", "Authorization", "Self-contained tokens"),
    *("OAuth and OIDC", "Cryptography", "Secure communication", "Configuration", "Data protection"),
    *("Secure coding and architecture", "Security logging and error handling", "WebRTC"),
)


class Row(NamedTuple):
    """One requirement: what it is about in our words, where it stands, the tests that show it, and why."""

    requirement: str
    level: int
    about: str
    state: str
    tests: tuple[str, ...]
    because: str

    @property
    def chapter(self) -> int:
        """Return the chapter of the standard, from 1."""
        return int(self.requirement.partition(".")[0])


def standard() -> dict[str, int]:
    """Return the level of each requirement of the standard."""
    lines = [line.split() for line in STANDARD.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return {f"{section}.{n}": int(level) for section, levels in lines for n, level in enumerate(levels, 1)}


def rows() -> list[Row]:
    """Read the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                one["requirement"],
                int(one["level"]),
                one["about"],
                one["state"],
                tuple(filter(None, one["tests"].split("; "))),
                one["because"],
            )
            for one in csv.DictReader(file)
        ]


def document(table: list[Row]) -> str:
    """Write the table as Markdown, chapter by chapter."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: list[Row]) -> Iterator[str]:
    yield from (
        "# OWASP ASVS 5.0, level 2",
        "",
        "Every requirement of levels 1 and 2 of the [Application Security Verification Standard",
        "5.0.0](https://github.com/OWASP/ASVS), in our words, with the tests that show that it is met, the reason,",
        "or why it is not. Made from [asvs.csv](asvs.csv) by `python -m tests.architecture.asvs`; a test checks that",
        "no requirement is missing and that each test is there and is not skipped.",
        "",
        "| Chapter | met | not met | not applicable |",
        "|---|---:|---:|---:|",
    )
    chapters = [(number, list(part)) for number, part in groupby(table, key=lambda row: row.chapter)]
    for number, part in chapters:
        counts = Counter(row.state for row in part)
        yield f"| {number} {CHAPTERS[number - 1]} | {' | '.join(str(counts[state]) for state in STATES)} |"
    counts = Counter(row.state for row in table)
    yield f"| all | {' | '.join(str(counts[state]) for state in STATES)} |"
    for number, part in chapters:
        yield from ("", f"## {number} {CHAPTERS[number - 1]}", "", "| | | | shown by |", "|---|---|---|---|")
        yield from map(_line, part)


def _line(row: Row) -> str:
    tests = "<br>".join(f"`{one.rpartition('/')[2]}`" for one in row.tests)
    shown = "<br>".join(filter(None, (tests, row.because)))
    state = f"**{row.state}**" if row.state == "not met" else row.state
    return f"| {row.requirement} | {row.about} | {state} | {shown} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document(rows()), encoding="utf-8")
