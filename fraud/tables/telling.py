"""What a column's values tell of known outcomes: in their order, one by one, or by coming again."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

_FOLDS: Final = 5
_MOST_CODES: Final = 2_000
_LEAST_A_CODE: Final = 5
_BINS: Final = 40
_WEIGHT: Final = 4.0
_CURVE: Final = 3
_MOSTLY: Final = 0.5
_LEAST_PAIRS: Final = 30
_LEAST_CODES: Final = 3


@dataclass(frozen=True, slots=True)
class Told:
    """How surely held-out rows show that something tells, in standard errors; 0 where not tried.

    ``order`` tells more than nothing, ``codes`` (each value by itself) tell more than the order, by ``codes_gain`` nats
    a row.
    """

    order: float = 0.0
    codes: float = 0.0
    codes_gain: float = 0.0


def told_by(values: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]) -> Told:
    """Compare three guesses of held-out rows' outcomes: the mean, a curve over the numbers, and a rate for each number.

    Parameters
    ----------
    values, labels
        float64 (n,), nan where missing, and bool (n,), in the order of time; every fifth row is held out in turn.
    """
    here = ~np.isnan(values)
    known, truth = values[here], labels[here]
    found, codes = np.unique(known, return_inverse=True)
    if len(found) < _LEAST_CODES or not _FOLDS < truth.sum() < len(truth) - _FOLDS:
        return Told()
    few = len(found) <= _MOST_CODES and len(found) * _LEAST_A_CODE <= len(known)
    if not few:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
        codes = np.searchsorted(edges, known, side="right")
        codes = np.unique(codes, return_inverse=True)[1]
    size = int(codes.max()) + 1
    fold = np.arange(len(truth)) % _FOLDS
    rows = np.zeros((_FOLDS, size))
    true = np.zeros((_FOLDS, size))
    np.add.at(rows, (fold, codes), 1)
    np.add.at(true, (fold, codes), truth)
    losses = np.zeros((3, len(truth)))
    for held in range(_FOLDS):
        n, k = rows.sum(axis=0) - rows[held], true.sum(axis=0) - true[held]
        rate = k.sum() / n.sum()
        each = (k + _WEIGHT * rate) / (n + _WEIGHT)
        inside = fold == held
        at, said = codes[inside], truth[inside]
        losses[0, inside] = _loss(np.full(size, rate), at, said)
        losses[1, inside] = _loss(_ordered(each, n, rate), at, said)
        losses[2, inside] = _loss(each, at, said)
    order, _ = _surely(losses[0] - losses[1])
    codes_sure, codes_gain = _surely(losses[1] - losses[2]) if few else (0.0, 0.0)
    return Told(order, codes_sure, codes_gain)


def _loss(
    rates: npt.NDArray[np.float64], at: npt.NDArray[np.int64], said: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    chance = np.clip(rates[at], 1e-4, 1 - 1e-4)
    return np.asarray(-np.log(np.where(said, chance, 1 - chance)))


def _ordered(each: npt.NDArray[np.float64], n: npt.NDArray[np.float64], rate: float) -> npt.NDArray[np.float64]:
    """Return the best of three shapes that an amount may have: rising, falling, or a curve with at most two bends.

    Where most rows have the least of all numbers, that one has a rate by itself, and the others a shape: nothing and
    something differ, in whatever way more of it tells.
    """
    if n[0] > _MOSTLY * n.sum() and len(each) > _LEAST_CODES:
        return np.append(each[0], _shaped(each[1:], n[1:], rate))
    return _shaped(each, n, rate)


def _shaped(each: npt.NDArray[np.float64], n: npt.NDArray[np.float64], rate: float) -> npt.NDArray[np.float64]:
    weights = n + _WEIGHT
    place = np.arange(len(each)) / max(len(each) - 1, 1)
    curve = np.polynomial.Polynomial.fit(place, each, min(_CURVE, len(each) - 2), w=np.sqrt(weights))(place)
    shapes = (
        isotonic_regression(each, weights=weights).x,
        isotonic_regression(each, weights=weights, increasing=False).x,
        np.clip(curve, 0.1 * rate, 1 - 0.1 * (1 - rate)),
    )
    return min(shapes, key=lambda shape: float(np.sum(weights * (shape - each) ** 2)))


def _surely(gain: npt.NDArray[np.float64]) -> tuple[float, float]:
    mean, spread = float(gain.mean()), float(gain.std())
    return (mean / (spread / np.sqrt(len(gain))) if spread > 0 else 0.0), mean


@dataclass(frozen=True, slots=True)
class Repeats:
    """What ``pairs`` of rows tell whose value had come before: how surely, in standard errors, and in words."""

    pairs: int = 0
    sure: float = 0.0
    why: str = ""


def repeats_of(codes: npt.NDArray[np.int64], labels: npt.NDArray[np.bool_]) -> Repeats:
    """Tell whether a value that comes again says something: its outcome of the time before, or that it came at all.

    Parameters
    ----------
    codes, labels
        int64 (n,), -1 where nothing is said, and bool (n,), in the order of time.
    """
    here = np.flatnonzero(codes >= 0)
    order = here[np.argsort(codes[here], kind="stable")]
    again = codes[order][1:] == codes[order][:-1]
    before, now = labels[order][:-1][again], labels[order][1:][again]
    pairs = len(now)
    if pairs < _LEAST_PAIRS:
        return Repeats(pairs)
    first, then, usual = float(before.mean()), float(now.mean()), float(labels.mean())
    spread = np.sqrt(first * (1 - first) * then * (1 - then))
    # The correlation of two marks times the root of their number is a normal deviate, where neither tells of the other.
    alike = float(np.mean((before - first) * (now - then)) / spread * np.sqrt(pairs)) if spread > 0 else 0.0
    came = (then - usual) / np.sqrt(usual * (1 - usual) / pairs)
    if alike >= abs(came):
        return Repeats(
            pairs, alike, f"{(before == now).mean():.0%} of {pairs:,} rows end as the row of the same value before them"
        )
    return Repeats(
        pairs, abs(came), f"of {pairs:,} rows whose value came before {then:.0%} are true (all: {usual:.0%})"
    )
