"""What an evaluation found, as text for people and as data for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from typing_extensions import override

from fraud.scoring.evaluate import Metrics
from fraud.tables.columns import SAYABLE, Column
from fraud.tables.leaks import Leak

_SHOWN: Final = 60
"""Columns of which people read one by one."""
_FIGURES: Final = {
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "recall_at_1_percent": "recall at 1 % FP",
    "recall_at_5_percent": "recall at 5 % FP",
    "brier": "Brier score",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one part of the rows held out; ``metrics`` is None where ``rows`` or one label are too few."""

    name: str
    rows: int
    positives: int
    metrics: Metrics | None
    intervals: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation: what was learned from, what was left out and why, and how well later rows were predicted.

    ``scores`` has a row for each row held out: ``time`` as days since 1970 (or the number given), ``label``, ``score``.
    """

    positive: str
    time: str
    held_out_from: str
    trained_rows: int
    trained_positives: int
    trees: int
    parts: Sequence[Measured]
    calibration: pd.DataFrame
    used: Mapping[str, Sequence[str]]
    left_out: Mapping[str, str]
    leaks: Sequence[Leak]
    kept_leaks: Sequence[str]
    columns: Sequence[Column]
    notes: Sequence[str]
    scores: pd.DataFrame

    @property
    def metrics(self) -> Metrics:
        """The figures of all rows held out."""
        whole = self.parts[0].metrics
        if whole is None:  # the rows are checked before anything is learned
            raise AssertionError("the rows held out were not measured")
        return whole

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, without the scores of single rows."""
        return {
            "label": self.positive,
            "time": self.time,
            "held_out_from": self.held_out_from,
            "trained": {"rows": self.trained_rows, "positives": self.trained_positives, "trees": self.trees},
            "held_out": [
                {
                    "part": part.name,
                    "rows": part.rows,
                    "positives": part.positives,
                    **{
                        name: {"value": getattr(part.metrics, name), "interval": list(part.intervals[name])}
                        for name in (_FIGURES if part.metrics else ())
                    },
                }
                for part in self.parts
            ],
            "calibration": self.calibration.to_dict("records"),
            "used": {kind: list(names) for kind, names in self.used.items()},
            "left_out": dict(self.left_out),
            "leaks": [{"column": one.column, "why": one.why, "certain": one.certain} for one in self.leaks],
            "kept_leaks": list(self.kept_leaks),
            "columns": [
                {"column": one.name, "kind": one.kind.value, "why": one.why, "asked": one.asked} for one in self.columns
            ],
            "notes": list(self.notes),
        }

    @override
    def __str__(self) -> str:
        parts = (self._about(), self._recognised(), self._figures(), self._calibrated())
        return "\n\n".join("\n".join(part) for part in parts)

    def _about(self) -> list[str]:
        rows, true = f"{self.trained_rows:,} rows", f"{self.trained_positives:,} of them true"
        lines = [
            f"true is {self.positive}",
            f"learned from {rows} before {self.held_out_from} by {self.time}, {true}; {self.trees} trees of four seeds",
        ]
        lines += [f"{kind}: {', '.join(names)}" for kind, names in self.used.items() if names]
        if self.left_out:
            lines.append("left out: " + "; ".join(f"{name} ({why})" for name, why in self.left_out.items()))
        for leak in self.leaks:
            verdict = "left out" if leak.certain and leak.column not in self.kept_leaks else "kept"
            advice = f"--keep “{leak.column}” keeps it" if verdict == "left out" else f"--drop “{leak.column}” drops it"
            lines.append(
                f"leak warning: {leak.column} may have been written after the outcome: {leak.why}; {verdict} ({advice})"
            )
        return [*lines, *(f"note: {note}" for note in self.notes)]

    def _recognised(self) -> list[str]:
        """Say of each column as what it was read and on what evidence, and how to say otherwise."""
        shown = self.columns[:_SHOWN]
        width = max((len(one.name) for one in shown), default=0)
        lines = [f"{one.name:<{width}}  {one.kind.value:<10}  {one.why or 'as its cells are'}" for one in shown]
        if more := len(self.columns) - len(shown):
            lines.append(f"... and {more:,} more, all of them with --json")
        ways = ", ".join(f"--{kind}" for kind in sorted(SAYABLE))
        return [f"columns, as they were read ({ways}, --keep and --drop with a name say otherwise)", *lines]

    def _figures(self) -> list[str]:
        head = ["held out", "rows", "true", *_FIGURES.values()]
        rows = [head]
        for part in self.parts:
            cells = [part.name, f"{part.rows:,}", f"{part.positives:,}"]
            if part.metrics is None:
                rows.append([*cells, "too few rows, or of one label", *[""] * (len(_FIGURES) - 1)])
                continue
            for name in _FIGURES:
                low, high = part.intervals[name]
                cells.append(f"{getattr(part.metrics, name):.3f} ({low:.3f}-{high:.3f})")
            rows.append(cells)
        widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
        return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]

    def _calibrated(self) -> list[str]:
        shown = self.calibration.rename(columns={"mean_score": "mean score", "found": "share true"})
        return ["calibration on the rows held out", shown.to_string(index=False, float_format=lambda one: f"{one:.3f}")]
