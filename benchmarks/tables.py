"""Any labelled table: the figures of two public tables, split by time, with the plain command.

Run with ``./run bench tables FOLDER``; the folder holds ``noshow/`` (medical appointments, Vitória 2016) and ``hotel/``
(Antonio, de Almeida, Nunes, Data in Brief 2019), each with one zipped CSV. The data are not part of the project.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fraud.tables import evaluate


@dataclass(frozen=True)
class Case:
    """One table and how it is asked for; ``goal`` is the least ROC-AUC."""

    folder: str
    label: str
    time: str
    train_before: str
    goal: float


CASES = (
    Case("noshow", "No-show", "AppointmentDay", "2016-05-31", 0.73),
    Case("noshow", "No-show", "ScheduledDay", "2016-05-31", 0.73),
    Case(
        "hotel",
        "is_canceled",
        "arrival_date_year,arrival_date_month,arrival_date_day_of_month",
        "2017-03-19",
        0.85,
    ),
)


def main(folder: Path) -> None:
    """Evaluate each table and print one line for each part of its rows held out."""
    print(f"{'table and time':<40}{'part':<52}{'rows':>7}  ROC-AUC              recall at 1 %, 5 %  Brier  goal")
    for case in CASES:
        file = next((folder / case.folder).glob("*.zip"))
        start = time.perf_counter()
        report = evaluate(file, label=case.label, time=case.time, train_before=case.train_before)
        seconds = time.perf_counter() - start
        name = f"{case.folder} by {case.time.split(',')[0]}"
        for part in report.parts:
            if part.metrics is None:
                continue
            low, high = part.intervals["roc_auc"]
            found = part.metrics
            goal = f"{case.goal:.2f} {'met' if found.roc_auc >= case.goal else 'MISSED'}" if part.name == "all" else ""
            print(
                f"{name:<40}{part.name:<52}{part.rows:>7,}  {found.roc_auc:.4f} ({low:.3f}-{high:.3f})  "
                f"{found.recall_at_1_percent:.3f}, {found.recall_at_5_percent:.3f}       {found.brier:.3f}  {goal}"
            )
        print(f"{'':<40}{seconds:.0f} s; leaks named: {', '.join(leak.column for leak in report.leaks) or 'none'}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        print("needs the folder of the data, which is not part of the project")
