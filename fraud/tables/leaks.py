"""Columns that give the outcome away nearly by themselves: they were probably written after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.tables.encoding import Features

NEAR_PERFECT: Final = 0.97
"""ROC-AUC of one column alone from which it is left out."""
_PURE: Final = 0.98
_MOST_FOUND: Final = 0.5
_LEAST_FOUND: Final = 0.05
_SURELY: Final = 30
_BINS: Final = 64
_ALIKE: Final = 0.4
"""Two columns with the same words are twins if they are equal so far beyond chance: 1 is always."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A column that gives the outcome away, how, and whether so much that it is left out by default."""

    column: str
    why: str
    certain: bool


def find_leaks(features: Features, labels: npt.NDArray[np.bool_]) -> list[Leak]:
    """Look for leaks in training rows: float64 (n, f) and bool (n,)."""
    worst: dict[str, Leak] = {}
    for place, (name, source) in enumerate(zip(features.names, features.sources, strict=True)):
        leak = _judged(features.matrix[:, place], labels, name, source, category=bool(features.categories[place]))
        if leak is not None and (source not in worst or (leak.certain and not worst[source].certain)):
            worst[source] = leak
    return list(worst.values())


def _judged(
    values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], name: str, source: str, *, category: bool
) -> Leak | None:
    bins = _binned(values, category=category)
    auc = _auc_of_bins(bins, labels)
    if auc >= NEAR_PERFECT:
        return Leak(source, f"“{name}” alone reaches ROC-AUC {auc:.3f}", certain=True)
    found = [_pure(split, labels, name, source) for split in (bins, *_halves(values, category=category))]
    return max(filter(None, found), key=lambda leak: leak.certain, default=None)


def _halves(values: npt.NDArray[np.float64], *, category: bool) -> list[npt.NDArray[np.int64]]:
    """Return amounts as given or not, and as the commonest one or another: a fee that only those pay who failed."""
    missing = np.isnan(values)
    if category or missing.all():
        return []
    found, counts = np.unique(values[~missing], return_counts=True)
    return [(~missing).astype(np.int64), (values != found[counts.argmax()]).astype(np.int64)]


def _pure(bins: npt.NDArray[np.int64], labels: npt.NDArray[np.bool_], name: str, source: str) -> Leak | None:
    """Name values whose rows nearly all have one outcome."""
    rows, truths, rate = np.bincount(bins), np.bincount(bins, weights=labels), float(labels.mean())
    for true, total in ((True, int(labels.sum())), (False, int((~labels).sum()))):
        hits = truths if true else rows - truths
        share = rate if true else 1 - rate
        pure = (hits >= _PURE * rows) & (rows >= _SURELY)
        found = float(hits[pure].sum())
        # By chance so many rows in a row would have one outcome with a probability below 1 in 10^12.
        if not pure.any() or rows[pure].sum() * np.log10(max(share, 1e-9)) > -12:  # noqa: PLR2004
            continue
        why = (
            f"{int(rows[pure].sum()):,} rows with some values of “{name}” are {found / rows[pure].sum():.1%} "
            f"{'true' if true else 'false'}, {found / total:.0%} of all such rows"
        )
        if found >= _MOST_FOUND * total and share <= 1 - share:
            return Leak(source, why, certain=True)
        if found >= _LEAST_FOUND * total and share < _PURE * _PURE:
            return Leak(source, why, certain=False)
    return None


def alone(values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], *, category: bool) -> float:
    """Return the ROC-AUC that one feature reaches by itself: each row is judged by the others like it."""
    return _auc_of_bins(_binned(values, category=category), labels)


def _auc_of_bins(bins: npt.NDArray[np.int64], labels: npt.NDArray[np.bool_]) -> float:
    rows, truths = np.bincount(bins), np.bincount(bins, weights=labels)
    # Without the row itself, or a value that occurs once would seem to know. Rows of one bin and one outcome are alike.
    here = np.flatnonzero(rows)
    true, total = truths[here], rows[here]
    scores = (np.concatenate((true, true)) - np.repeat((0.0, 1.0), len(here)) + labels.mean()) / np.tile(total, 2)
    return _roc_auc(scores, np.concatenate((total - true, np.zeros(len(here)))), np.concatenate((0 * true, true)))


def _roc_auc(scores: npt.NDArray[np.float64], false: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> float:
    """Return the chance that a true row has the higher score of a true and a false one (Mann and Whitney 1947).

    Parameters
    ----------
    scores, false, true
        Scores, and how many false and true rows have each, float64 (k,).
    """
    _, place = np.unique(scores, return_inverse=True)
    here, over = np.bincount(place, weights=true), np.bincount(place, weights=false)
    above = float((here * (np.cumsum(over) - over / 2)).sum())
    return above / float(true.sum() * false.sum())


def _binned(values: npt.NDArray[np.float64], *, category: bool) -> npt.NDArray[np.int64]:
    """Put the values in at most ``_BINS`` bins of equally many rows; what is missing has a bin of its own."""
    missing = np.isnan(values)
    if category:
        return np.where(missing, 0, np.nan_to_num(values) + 1).astype(np.int64)
    known = np.unique(values[~missing])
    if len(known) > _BINS:
        known = np.unique(np.quantile(values[~missing], np.linspace(0, 1, _BINS + 1)[1:-1], method="lower"))
        return np.where(missing, 0, np.searchsorted(known, values, side="left") + 1).astype(np.int64)
    return np.where(missing, 0, np.searchsorted(known, values) + 1).astype(np.int64)


def find_twins(frame: pd.DataFrame, columns: Sequence[str], labels: npt.NDArray[np.bool_]) -> list[Leak]:
    """Name the later one of two columns with the same words where their difference says much about the outcome.

    What was asked for and what was given (a room, a seat) are such twins: the second is known only to those who came.
    Two counts that are nearly always 0 are none: they are equal no more often than chance makes them.
    """
    words = {name: frozenset(frame[name].dropna().unique()) for name in columns}
    every = {word: number for number, word in enumerate(sorted(frozenset().union(*words.values())))}
    codes = {name: frame[name].map(every).fillna(-1).to_numpy(dtype=np.int64) for name in columns}
    found = []
    rate = labels.mean()
    for place, later in enumerate(columns):
        for earlier in columns[:place]:
            common = len(words[later] & words[earlier])
            if common < 3 or common < 0.7 * min(len(words[later]), len(words[earlier])):  # noqa: PLR2004
                continue
            one, other = codes[later], codes[earlier]
            differ = (one != other) & (one >= 0) & (other >= 0)
            count = int(differ.sum())
            if count < _SURELY or count > 0.5 * len(frame) or _agreement(one, other) < _ALIKE:
                continue
            hits = float(labels[differ].mean())
            if hits < rate / 3 or (1 - hits) < (1 - rate) / 3:
                found.append(
                    Leak(
                        later,
                        f"of {count:,} rows where it differs from “{earlier}” {hits:.1%} are true (all: {rate:.1%})",
                        certain=True,
                    )
                )
                break
    return found


def _agreement(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> float:
    """Return how far codes are equal beyond chance (Cohen 1960): 0 where only frequencies make them so, 1 always."""
    both = (one >= 0) & (other >= 0)
    width = int(max(one.max(), other.max())) + 1
    chance = float(np.dot(*(np.bincount(codes[both], minlength=width) / both.sum() for codes in (one, other))))
    return (float((one[both] == other[both]).mean()) - chance) / (1 - chance) if chance < 1 else 0.0
