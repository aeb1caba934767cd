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
    n = len(codes)
    out = {name: np.full(n, np.nan) for name in HISTORY}
    here = np.flatnonzero(codes >= 0)
    order = here[np.lexsort((at[here], codes[here]))]
    bounds = np.flatnonzero(np.diff(codes[order])) + 1
    for rows in np.split(order, bounds) if len(order) else []:
        _of_one(rows, at=at, known_at=known_at, labels=labels, prior=prior, out=out)
    return pd.DataFrame(out, index=key.index)


def _of_one(
    rows: npt.NDArray[np.int64],
    *,
    at: npt.NDArray[np.float64],
    known_at: npt.NDArray[np.float64],
    labels: npt.NDArray[np.float64],
    prior: float,
    out: dict[str, npt.NDArray[np.float64]],
) -> None:
    """Fill in the rows, in the order of time, of one key."""
    moments = at[rows]
    before = np.searchsorted(moments, moments, side="left")
    by_known = rows[np.lexsort((at[rows], known_at[rows]))]
    truths = np.append(0.0, np.cumsum(labels[by_known]))
    known = np.searchsorted(known_at[by_known], moments, side="left")
    out["earlier rows"][rows] = before
    out["earlier rows in 30 days"][rows] = before - np.searchsorted(moments, moments - 30, side="left")
    since = moments - moments[np.maximum(before - 1, 0)]
    out["time since the last row"][rows] = np.where(before > 0, since, np.nan)
    out["rows with a known outcome"][rows] = known
    out["rows known to be true"][rows] = truths[known]
    out["rate of those known"][rows] = (truths[known] + _PRIOR_WEIGHT * prior) / (known + _PRIOR_WEIGHT)
    out["last known outcome"][rows] = np.where(known > 0, labels[by_known][np.maximum(known - 1, 0)], np.nan)
    out["rows still open"][rows] = before - np.minimum(known, before)
