"""Of what kind columns are: twenty tables labelled by hand against what an evaluation recognises.

Run with ``./run bench recognised``; ``--code CHECKOUT`` asks the code of another checkout too, such as the one before a
change. Ten of the tables were there while the evidence was developed; the others were written before anything was seen
of them. A folder with ``noshow/`` (medical appointments, Vitória 2016) and ``hotel/`` (Antonio, de Almeida,
Nunes, Data in Brief 2019) adds two real tables, each one zipped CSV; the data are not part of the project.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.recognised_tables import first, first_public, second, second_public
from benchmarks.recognised_tables.making import Labelled

KINDS: Final = ("key", "identifier", "leak", "category", "number", "date", "text")
SETS: Final = {
    "while it was developed": (*first.TABLES, *first_public.TABLES),
    "not seen before": (*second.TABLES, *second_public.TABLES),
}
REAL: Final = {
    "noshow": (
        {"label": "No-show", "time": "ScheduledDay"},
        {
            "PatientId": "key",
            "AppointmentID": "identifier",
            "AppointmentDay": "date",
            "Age": "number",
            "Gender": "category",
            "Neighbourhood": "category",
        },
    ),
    "hotel": (
        {"label": "is_canceled", "time": "arrival_date_year,arrival_date_month,arrival_date_day_of_month"},
        {
            "hotel": "category",
            "lead_time": "number",
            "stays_in_weekend_nights": "number",
            "stays_in_week_nights": "number",
            "adults": "number",
            "children": "number",
            "babies": "number",
            "meal": "category",
            "country": "category",
            "market_segment": "category",
            "distribution_channel": "category",
            "previous_cancellations": "number",
            "previous_bookings_not_canceled": "number",
            "reserved_room_type": "category",
            "assigned_room_type": "leak",
            "booking_changes": "number",
            "deposit_type": "category",
            "agent": "category",
            "company": "category",
            "days_in_waiting_list": "number",
            "customer_type": "category",
            "adr": "number",
            "required_car_parking_spaces": "number",
            "total_of_special_requests": "number",
            "reservation_status": "leak",
            "reservation_status_date": "leak",
        },
    ),
}
_ASK: Final = """
import json, sys
from pathlib import Path
from fraud.tables import TableError, evaluate
for line in sys.stdin:
    asked = json.loads(line)
    try:
        found = evaluate(Path(asked["table"]), label=asked["label"], time=asked["time"]).as_dict()
    except TableError as error:
        found = {"refused": str(error)}
    print(json.dumps(found), flush=True)
"""


def kinds_in(report: Mapping[str, Any]) -> dict[str, str]:
    """Return of what kind a report says that each column is, in the words of `KINDS`; older reports say it in lists."""
    if "refused" in report:
        return {}
    found = {one["column"]: one["kind"] for one in report.get("columns", ())}
    if not found:
        named = {"numbers": "number", "categories": "category", "dates": "date", "texts": "text", "histories of": "key"}
        found = {name: kind for group, kind in named.items() for name in report["used"][group]}
        for name, why in report["left_out"].items():
            found[name] = "identifier" if why in {"nearly every row has another", "numbers the rows"} else why
    return found | {leak["column"]: "leak" for leak in report["leaks"] if leak["certain"]}


def asked(code: Path, questions: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return what the code of one checkout recognises in each table."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ASK],
        input="\n".join(map(json.dumps, questions)),
        env=os.environ | {"PYTHONPATH": str(code)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [kinds_in(json.loads(line)) for line in done.stdout.splitlines()]


def show(title: str, labelled: Sequence[Mapping[str, str]], found: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Print precision and recall for each kind of column, one pair for each checkout."""
    print(f"\n{title}: {len(labelled)} tables, {sum(map(len, labelled))} columns")
    print(f"{'':<12}{'columns':>8}" + "".join(f"{name + ': precision, recall':>34}" for name in found))
    for kind in (*KINDS, "all"):
        total = sum(kind in {said, "all"} for one in labelled for said in one.values())
        cells = [_cell(kind, labelled, kinds) for kinds in found.values()]
        print(f"{kind:<12}{total:>8}" + "".join(f"{cell:>34}" for cell in cells))


def _cell(kind: str, labelled: Iterable[Mapping[str, str]], found: Iterable[Mapping[str, str]]) -> str:
    pairs = [(said, now.get(name, "")) for one, now in zip(labelled, found, strict=True) for name, said in one.items()]
    right = sum(said == now for said, now in pairs if kind in {said, "all"})
    recognised = sum(bool(now) if kind == "all" else now == kind for _, now in pairs)
    real = sum(kind in {said, "all"} for said, _ in pairs)
    precision = f"{right / recognised:.3f}" if recognised else "-"
    return f"{precision}, {right / real:.3f} ({right} of {real})" if real else "-"


def mistakes(name: str, labelled: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return what was taken for something else, in words."""
    wrong = Counter({column: 1 for column, said in labelled.items() if found.get(column) != said})
    return [f"{name}: {column} is a {labelled[column]}, taken for {found.get(column, 'nothing')}" for column in wrong]


def main(codes: Sequence[Path], data: Path | None) -> None:
    """Ask each checkout about each table, and print a comparison for each set of tables."""
    with tempfile.TemporaryDirectory() as folder:
        for title, makers in SETS.items():
            tables = [make() for make in makers]
            questions = [_question(Path(folder), table) for table in tables]
            _compare(title, [table.name for table in tables], [table.kinds for table in tables], codes, questions)
        if data is not None:
            questions = [{**how, "table": str(next((data / name).glob("*.zip")))} for name, (how, _) in REAL.items()]
            _compare("real tables", list(REAL), [kinds for _, kinds in REAL.values()], codes, questions)


def _question(folder: Path, table: Labelled) -> dict[str, str]:
    path = folder / f"{table.name}.csv"
    table.frame.to_csv(path, index=False)
    return {"table": str(path), "label": table.label, "time": table.time}


def _compare(
    title: str,
    names: Sequence[str],
    labelled: Sequence[Mapping[str, str]],
    codes: Sequence[Path],
    questions: Sequence[Mapping[str, str]],
) -> None:
    found = {code.name or str(code): asked(code, questions) for code in codes}
    show(title, labelled, found)
    for name, said, now in zip(names, labelled, list(found.values())[-1], strict=True):
        for line in mistakes(name, said, now):
            print(f"  {line}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="the folder of real tables")
    parser.add_argument(
        "--code", type=Path, action="append", default=[], help="another checkout to ask, before this one"
    )
    chosen = parser.parse_args()
    main([*(one.resolve() for one in chosen.code), Path.cwd()], chosen.data)
