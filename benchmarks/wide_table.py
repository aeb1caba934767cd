"""A table of many columns: how long it takes to tell what each is, to learn and to measure.

Run with ``./run bench wide_table [ROWS]``: 603 columns of amounts, counts, words, yes and no, and dates, a few of which
tell of the outcome. Prints the seconds of the processor and a digest of the report, which an equal code repeats: so two
checkouts are compared with ``PYTHONPATH=CHECKOUT python -P benchmarks/wide_table.py``.
"""

import sys
from hashlib import sha256
from time import process_time
from typing import Final

import numpy as np
import pandas as pd

from fraud.tables import evaluate

ROWS: Final = 3_000
WORDS: Final = np.array(["north", "south", "east", "west", "centre", "coast"])
TELLING: Final = 40
"""One amount of so many tells of the outcome."""


def wide(rows: int, seed: int = 5) -> pd.DataFrame:
    """Invent the table; every cell is a word, as in a file."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=rows)
    columns: dict[str, object] = {
        "id": np.arange(rows) + 500_000,
        "made": pd.date_range("2024-01-01", periods=rows, freq="3h").astype(str),
    }
    for number in range(420):
        columns[f"m{number}"] = np.round(rng.normal(50, 12, rows) + (risk * 4 if number % TELLING == 0 else 0), 3)
    columns |= {f"n{number}": rng.poisson(3 + number % 7, rows) for number in range(90)}
    columns |= {f"w{number}": rng.choice(WORDS[: 3 + number % 4], rows) for number in range(50)}
    columns |= {f"b{number}": rng.integers(0, 2, rows) for number in range(30)}
    for number in range(10):
        days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D")
        columns[f"d{number}"] = days.strftime("%Y-%m-%d")
    columns["label"] = np.where(risk + rng.normal(size=rows) > 1.2, "yes", "no")
    return pd.DataFrame(columns).astype(str)


def main(rows: int) -> None:
    """Evaluate the table once and print what it took."""
    table = wide(rows)
    began = process_time()
    report = evaluate(table, label="label", time="made")
    took = process_time() - began
    auc = report.metrics.roc_auc if report.metrics else float("nan")
    digest = sha256(repr(report).encode()).hexdigest()[:16]
    print(f"{rows:,} rows of {table.shape[1]} columns: {took:.1f} s, ROC-AUC {auc:.4f}, report {digest}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
