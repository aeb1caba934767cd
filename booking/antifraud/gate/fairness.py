"""Fairness of a model on what it gave honest people, while it decided or only watched; a breach blocks activation."""

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy.orm import Session

from booking.antifraud.gate.learned_rows import gate_rows
from booking.country.core.core import Core
from booking.country.core.policies import live_thresholds
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.platform.base.errors import FairnessBoundError
from fraud.facts import ALWAYS
from fraud.features import matrix
from fraud.scoring.artifact import Artifact
from fraud.scoring.fairness import Breach, breaches, fairness_report

GROUPS: Final = ("residence", "region", "age", "helper")
LOOK_BACK: Final = timedelta(days=180)


def honest_rows(session: Session, core: Core, artifact: Artifact, spec: GateSpec) -> pd.DataFrame:
    """Return the requests of half a year that are known to be honest, with what this model would do to each."""
    now = core.clock.now()
    rows = gate_rows(session, since=now - LOOK_BACK, as_of=now)
    honest = rows[rows["label"].isin([False])].dropna(subset=list(ALWAYS))
    scores = scores_of(artifact, honest) if len(honest) else np.zeros(0)
    lines = live_thresholds(spec, artifact)
    return honest.assign(challenged=scores >= lines.challenge, reviewed=scores >= lines.review)


def scores_of(artifact: Artifact, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return what a model says of rows of `gate_rows`, by the facts that it knows."""
    features = artifact.schema.features
    return artifact.score_many(matrix(rows[list(features)].astype(float), features))


def fairness_of(session: Session, core: Core, artifact: Artifact) -> tuple[pd.DataFrame, list[Breach]]:
    """Return the fairness report of a model on known honest people, and the groups beyond the policy's bound."""
    spec = policy_limits.read(session, GateSpec)
    report = fairness_report(honest_rows(session, core, artifact, spec), GROUPS)
    return report, breaches(report, bound=spec.fairness_gap_most)


def check_fairness(session: Session, core: Core, artifact: Artifact) -> None:
    """Raise FairnessBoundError where a group is troubled more than others by more than the policy allows.

    The bound is ``fairness_gap_most``; what chance could do to a small group is not held against the model.
    """
    _, found = fairness_of(session, core, artifact)
    if found:
        raise FairnessBoundError(found[0].group, "; ".join(map(str, found)))
