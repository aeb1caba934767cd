"""Train the score: boosted trees with known signs, calibrated and measured on later requests of other people only."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.features import matrix
from fraud.past.windows import WINDOWS
from fraud.scoring.artifact import Artifact, Thresholds, gate_schema
from fraud.scoring.fairness import DEFAULT_POLICY, ScorePolicy, choose_thresholds
from fraud.scoring.fitting import fit_model
from fraud.scoring.splits import TrainingError, labels_of

__all__ = ["SIGNS", "TrainingError", "fit"]

# Where more can only be more suspicious (1) or less (-1), the model may not learn the opposite from chance.
SIGNS: Final[Mapping[str, int]] = {
    **{window.name: 1 for window in WINDOWS},
    "people_by_account": 1,
    "account_age_hours": -1,
    "form_seconds": -1,
    "odd_names": 1,
    "odd_numbers": 1,
    "people_with_one_birth_date": 1,
    "phone_is_registered_helper": -1,
    "identity_level": -1,
    "unproven_by_account": 1,
    "claims_ended_365d": 1,
}


def fit(frame: pd.DataFrame, *, seed: int, policy: ScorePolicy = DEFAULT_POLICY) -> Artifact:
    """Train on the earliest 60 % of a history, calibrate and choose thresholds on the next 20 %, measure on the last.

    Parameters
    ----------
    frame
        A column for each fact, ``time`` (sortable), ``person`` (who asks: nobody is in two slices) and ``label`` (true
        where the request was found to hoard).
    seed
        Makes the training repeatable.
    policy
        Bounds for the thresholds: officers' time and wrongly troubled people.

    Raises
    ------
    TrainingError
        The history is too short, lacks time, person or label, or a slice of it has too few hoarders or honest requests.
    FactError
        A fact is missing or not a number.
    """

    def choose(labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], days: float) -> Thresholds:
        return choose_thresholds(labels, scores, days=days, policy=policy)

    return fit_model(
        frame,
        schema=gate_schema(),
        matrix=matrix,
        signs=SIGNS,
        positive="hoarders",
        choose=choose,
        measure=_troubled,
        seed=seed,
    )


def _troubled(rows: pd.DataFrame, scores: npt.NDArray[np.float64], thresholds: Thresholds) -> Mapping[str, Any]:
    hoards = labels_of(rows)
    levels = {"challenged": thresholds.challenge, "reviewed": thresholds.review}
    return {
        f"{who}_{what}": float(np.mean(scores[members] >= level))
        for who, members in (("honest", ~hoards), ("hoarders", hoards))
        for what, level in levels.items()
    }
