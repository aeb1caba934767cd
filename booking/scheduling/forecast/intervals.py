"""From past errors to intervals: how far forecasts missed, scaled, by how far ahead and how large they were.

Split-conformal quantiles (Vovk, Gammerman, Shafer 2005): nothing is assumed about the shape of errors, only that
those to come are like those that were. Weeks depend on each other, so that is true only nearly; the backtest says how
often the intervals held.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles that a forecast states; the second and the fourth bound its 80 % interval, the outer ones 95 %."""
_BEYOND_CHANCE: Final = 0.15
_SIZES: Final = (10.0, 50.0)
_AHEAD: Final = (2, 5)
_FEWEST: Final = 200
_ASSUMED: Final = 0.35
_NORMAL: Final = (-1.96, -1.28, 0.0, 1.28, 1.96)


class Errors:
    """Scaled errors of past forecasts, collected as their weeks become known."""

    def __init__(self) -> None:
        self._kept: list[tuple[Matrix, Matrix, npt.NDArray[np.intp]]] = []

    def add(self, mean: Matrix, came: Matrix, ahead: Sequence[int]) -> None:
        """Add forecasts and what came, float64 (s, h); ``ahead`` says how many weeks ahead each column was."""
        steps = np.broadcast_to(np.asarray(ahead), mean.shape).ravel()
        self._kept.append(((came - mean).ravel() / _scale(mean).ravel(), mean.ravel(), _bucket(mean.ravel(), steps)))

    def quantiles(self, mean: Matrix, ahead: Sequence[int]) -> Matrix:
        """Return each forecast's quantiles at `LEVELS`, float64 (s, h, 5), none below 0.

        Without past errors they come from an assumed spread of a third, which nothing has tested.
        """
        steps = np.broadcast_to(np.asarray(ahead), mean.shape)
        if not self._kept:
            wide = np.sqrt(mean + (_ASSUMED * mean) ** 2)
            assumed: Matrix = np.maximum(0.0, mean[..., None] + wide[..., None] * np.array(_NORMAL))
            return assumed
        scores, _, buckets = (np.concatenate(parts) for parts in zip(*self._kept, strict=True))
        everywhere = _conformal(scores)
        known = {
            int(bucket): _conformal(scores[buckets == bucket]) if (buckets == bucket).sum() >= _FEWEST else everywhere
            for bucket in np.unique(buckets)
        }
        which = _bucket(mean.ravel(), steps.ravel()).reshape(mean.shape)
        table = np.array([known.get(bucket, everywhere) for bucket in range(9)])
        learned: Matrix = np.maximum(0.0, mean[..., None] + _scale(mean)[..., None] * table[which])
        return learned


def _conformal(scores: Matrix) -> Matrix:
    """Take the outer quantiles one rank further out, as exchangeability asks."""
    ordered, n = np.sort(scores), len(scores)
    ranks = [np.floor((n + 1) * q) - 1 if q < 0.5 else np.ceil((n + 1) * q) - 1 for q in LEVELS]  # noqa: PLR2004
    chosen: Matrix = ordered[np.clip(ranks, 0, n - 1).astype(int)]
    return chosen


def _scale(mean: Matrix) -> Matrix:
    scale: Matrix = np.sqrt(mean + (_BEYOND_CHANCE * mean) ** 2)
    return scale


def _bucket(mean: Matrix, steps: npt.NDArray[np.int_]) -> npt.NDArray[np.intp]:
    return 3 * np.searchsorted(_AHEAD, steps) + np.searchsorted(_SIZES, mean)
