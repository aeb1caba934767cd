"""Puts what was measured into the tables of a page of documentation, in the columns that say "after"."""

from collections.abc import Mapping
from pathlib import Path


def fill_in(page: Path, heading: str, columns: Mapping[str, Mapping[str, str]]) -> None:
    """Write values into the table below a heading, by the name of the column and the first cell of the row.

    A row that the table lacks comes in by the alphabet; in one without a value a dash stands.
    """
    before, _, rest = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    lines = rest.split("\n")
    first = next(n for n, line in enumerate(lines) if line.startswith("|"))
    end = next((n for n in range(first, len(lines)) if not lines[n].startswith("|")), len(lines))
    head, rule, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[first:end])
    known = {row[0]: row for row in rows}
    for name in sorted({name for values in columns.values() for name in values} - known.keys()):
        known[name] = [name, *["–"] * (len(head) - 1)]
    for column, values in columns.items():
        for name, row in known.items():
            row[head.index(column)] = values.get(name, "–")
    added = [name for name in known if name not in {row[0] for row in rows}]
    ordered = sorted(known.values(), key=lambda row: row[0].strip("`")) if added else list(known.values())
    table = [f"| {' | '.join(row)} |" for row in (head, *ordered)]
    table.insert(1, f"|{'|'.join(rule)}|")
    page.write_text(f"{before}\n## {heading}\n" + "\n".join([*lines[:first], *table, *lines[end:]]), encoding="utf-8")
