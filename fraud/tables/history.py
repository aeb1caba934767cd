"""What was known of a person or thing before each row: its earlier rows, and their labels as far as known by then."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

_PRIOR_WEIGHT: Final = 3.0
"""A rate of few rows is drawn towards the training rows' rate as if so many more rows had it."""
HISTORY: Final = (
    "earlier rows",
    "earlier rows in 30 days",
    "time since the last row",
    "rows with a known outcome",
    "rows known to be true",
    "rate of those known",
    "last known outcome",
    "rows still open",
)


def history(
    key: pd.Series,
    *,
    at: npt.NDArray[np.float64],
    known_at: npt.NDArray[np.float64],
    labels: npt.NDArray[np.float64],
    prior: float,
) -> pd.DataFrame:
    """Return for each row what was known before it of the rows with the same key.

    Parameters
    ----------
    key
        Who or what (n,); rows without a key have no history.
    at
        When each row was made, float64 (n,). Only rows made strictly earlier count; those of one instant do not.
    known_at
        From when on the label of each row is known, float64 (n,): it counts only for rows made strictly later.
    labels
        1 or 0, float64 (n,).
    prior
        The rate that few rows are drawn to.

    Returns
    -------
    pandas.DataFrame
        A column for each of ``HISTORY``, float64, nan where nothing is known.
    """
    codes, _ = pd.factorize(key, use_na_sentinel=True)
    nobody = codes < 0
    # A pair of key and moment becomes one number, so that one sorted column answers for all keys at once.
    moments = np.unique(np.concatenate((at, at - 30, known_at)))
    width = len(moments) + 1

    def pair(when: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return np.asarray(np.maximum(codes, 0).astype(np.int64) * width + np.searchsorted(moments, when))

    here = np.flatnonzero(~nobody)
    made, first = pair(at), np.maximum(codes, 0).astype(np.int64) * width
    rows = here[np.argsort(made[here], kind="stable")]
    start = np.searchsorted(made[rows], first)
    before = np.searchsorted(made[rows], made) - start
    recent = np.searchsorted(made[rows], made) - np.searchsorted(made[rows], pair(at - 30))
    last = at[rows][np.maximum(start + before - 1, 0)] if len(rows) else at

    told = pair(known_at)
    by_known = here[np.lexsort((at[here], told[here]))]
    truths = np.append(0.0, np.cumsum(labels[by_known]))
    none = np.searchsorted(told[by_known], first)
    known = np.searchsorted(told[by_known], made) - none
    true = truths[none + known] - truths[none]
    latest = labels[by_known][np.maximum(none + known - 1, 0)] if len(rows) else labels
    found = (
        before,
        recent,
        np.where(before > 0, at - last, np.nan),
        known,
        true,
        (true + _PRIOR_WEIGHT * prior) / (known + _PRIOR_WEIGHT),
        np.where(known > 0, latest, np.nan),
        before - np.minimum(known, before),
    )
    out = {name: np.where(nobody, np.nan, values) for name, values in zip(HISTORY, found, strict=True)}
    return pd.DataFrame(out, index=key.index)
