"""Duplicates in the FEBRL sets 1 and 2: F1 of the pairs found without any label.

Run with ``./run bench febrl FOLDER``; the folder holds ``dataset1.csv`` and ``dataset2.csv``. Weights are learned from
each set itself by expectation-maximisation; the true links are used to measure only.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from fraud.linkage.link import link
from fraud.linkage.schema import Field, Kind, Schema

FEBRL = Schema(
    fields=(
        Field("given_name", Kind.WORD, rare_counts=True),
        Field("surname", Kind.WORD, rare_counts=True),
        Field("street_number", Kind.WORD),
        Field("address_1", Kind.WORD),
        Field("address_2", Kind.WORD),
        Field("suburb", Kind.WORD),
        Field("postcode", Kind.DIGITS),
        Field("state", Kind.WORD),
        Field("date_of_birth", Kind.DATE),
        Field("soc_sec_id", Kind.DIGITS),
    ),
    blocks=(
        (("soc_sec_id", "all"),),
        (("date_of_birth", "day"),),
        (("given_name", "start"), ("surname", "start")),
        (("surname", "sound"), ("postcode", "all")),
        (("address_1", "sound"), ("suburb", "start")),
    ),
)
LEAST = 0.5
"""Where a wrong link and a missed one cost the same, as in F1."""


def main(folder: Path) -> None:
    """Print precision, recall and F1 of both sets."""
    for number in (1, 2):
        frame = pd.read_csv(folder / f"dataset{number}.csv", skipinitialspace=True, dtype=str, index_col="rec_id")
        person = np.array([label.split("-")[1] for label in frame.index])
        start = time.perf_counter()
        found = link(frame, schema=FEBRL, least=LEAST)
        seconds = time.perf_counter() - start
        of_person = dict(zip(frame.index, person, strict=True))
        right = int((found["left"].map(of_person) == found["right"].map(of_person)).sum())
        sizes = np.unique(person, return_counts=True)[1]
        true = int((sizes * (sizes - 1) // 2).sum())
        precision, recall = right / len(found), right / true
        f1 = 2 * precision * recall / (precision + recall)
        print(
            f"set {number}: {len(frame):>5} records, {true:>5} true pairs: precision {precision:.4f}, "
            f"recall {recall:.4f}, F1 {f1:.4f} in {seconds:.1f} s"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        print("needs the folder of the data, which is not part of the project")
