"""Cut a labelled history by time, so that nobody is in two slices and no slice sees another's future."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

MIN_ROWS: Final = 500
MIN_POSITIVES: Final = 20
LEARN, CALIBRATE = 0.6, 0.8


class TrainingError(Exception):
    """The history cannot train a model; the message says why."""


class Slices(NamedTuple):
    """The earliest rows teach, the next ones calibrate and choose thresholds, the last ones measure."""

    learn: pd.DataFrame
    calibrate: pd.DataFrame
    measure: pd.DataFrame


def split(frame: pd.DataFrame, *, positive: str) -> Slices:
    """Cut at 60 % and 80 % of the rows in the order of time; equal instants stay together.

    Somebody (``person``) with rows in several slices keeps those of one of them, chosen by a hash of who they are: so
    a model is never measured on people it has learned from, and frequent applicants are missing from no slice.

    Parameters
    ----------
    frame
        ``time`` (sortable), ``person`` (any key; who acts together has one key) and ``label`` (true or false).
    positive
        What a true label is called in messages, in the plural.

    Raises
    ------
    TrainingError
        A column is missing or has gaps, or there are too few rows, or too few of one label in a slice.
    """
    for column in ("time", "label", "person"):
        if column not in frame or frame[column].isna().any():
            raise TrainingError(f"the history needs a {column} in each row")
    if not set(frame["label"].unique()) <= {0, 1}:
        raise TrainingError("label must be true or false in each row")
    if len(frame) < MIN_ROWS:
        raise TrainingError(f"the history has {len(frame)} rows; at least {MIN_ROWS} are needed")
    ordered = frame.sort_values("time", kind="stable")
    bounds = [ordered["time"].iloc[int(len(ordered) * share)] for share in (LEARN, CALIBRATE)]
    number = sum((ordered["time"] >= bound).to_numpy(dtype=np.int64) for bound in bounds)
    kept = _one_slice_each(ordered["person"], np.asarray(number))
    slices = Slices(*(ordered[kept & (number == slice_number)] for slice_number in range(3)))
    for name, part in zip(("learning", "calibration", "measuring"), slices, strict=True):
        positives = int(labels_of(part).sum())
        if min(positives, len(part) - positives) < MIN_POSITIVES:
            raise TrainingError(
                f"the {name} slice has {positives} {positive} in {len(part)} rows; "
                f"at least {MIN_POSITIVES} {positive} and as many others are needed"
            )
    return slices


def labels_of(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return the labels, bool (n,)."""
    return frame["label"].to_numpy(dtype=bool)


def _one_slice_each(person: pd.Series, number: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which rows lie in the one slice, of those in which their person has rows, that the hash picks."""
    who, _ = pd.factorize(person)
    present = np.zeros((who.max() + 1, 3), dtype=bool)
    present[who, number] = True
    hashed = pd.util.hash_array(person.astype(str).to_numpy(dtype=object))
    turn = (hashed % present.sum(axis=1)[who].astype(np.uint64)).astype(np.int64)
    order_of_slice = np.cumsum(present, axis=1) - 1  # the how-manieth of their slices each is
    return np.asarray(order_of_slice[who, number] == turn)
