"""What the gate's model does at present: challenger in shadow, drift, calibration, thresholds, on recent requests."""

from datetime import timedelta
from typing import Final

import pandas as pd
from sqlalchemy import delete, select

from booking.antifraud.gate.fairness import GROUPS
from booking.antifraud.gate.learned_rows import gate_rows
from booking.country.core.core import Core
from booking.country.core.policies import live_thresholds
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.platform.base.errors import NotFoundError
from booking.platform.models import GateMeasure, ModelVersion
from booking.platform.models.states import VersionState
from fraud.scoring.artifact import Artifact
from fraud.scoring.compare import FEWEST_ROWS, Comparison, calibration_report, compare, drift_report
from fraud.scoring.fairness import threshold_curve
from fraud.scoring.fitting import days_of

LABELS_AFTER: Final = timedelta(days=180)
FEWEST_IN_BIN: Final = 30


def read_model(core: Core, version: int | None = None) -> Artifact:
    """Return a version of the gate's model, by default the active one; raises NotFoundError, ArtifactError."""
    wanted = ModelVersion.active if version is None else ModelVersion.version == version
    with core.sessions() as session:
        data = session.scalar(select(ModelVersion.artifact).where(wanted))
    if data is None:
        raise NotFoundError
    return Artifact.from_bytes(data)


def compare_shadow(core: Core, *, days: int) -> tuple[int, Comparison]:
    """Compare the model in shadow with what the gate's scores were; raises NotFoundError where none is in shadow."""
    now = core.clock.now()
    with core.sessions() as session:
        version = session.scalar(select(ModelVersion.version).where(ModelVersion.state == VersionState.SHADOW))
        if version is None:
            raise NotFoundError
        limits = policy_limits.read(session, GateSpec)
        rows = gate_rows(session, since=now - timedelta(days=days), as_of=now, shadow=version)
    champion, challenger = (live_thresholds(limits, read_model(core, each)) for each in (None, version))
    return version, compare(rows, thresholds=champion, shadow_thresholds=challenger, groups=GROUPS)


def drift(core: Core, *, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare recent facts with the active model's reference, and its scores with labels (of half a year).

    Raises
    ------
    NotFoundError
        No model is active.
    fraud.scoring.artifact.ArtifactError
        The active one cannot be used.
    """
    model, now = read_model(core), core.clock.now()
    with core.sessions() as session:
        recent = gate_rows(session, since=now - timedelta(days=days), as_of=now)
        judged = gate_rows(session, since=now - LABELS_AFTER, as_of=now)
    known = judged[judged["label"].notna() & judged["score"].notna()]
    return (
        drift_report(model.about["reference"], recent),
        calibration_report(known["label"].to_numpy(dtype=bool), known["score"]),
    )


def measure_drift(core: Core, *, days: int = 7) -> int:
    """Write the stability index of each fact and the calibration as measures, for the metrics; return how many.

    A job's work. Without a model there is nothing to measure, and what few rows say is chance: none of it is written.
    """
    try:
        report, calibration = drift(core, days=days)
    except NotFoundError:
        return 0
    told, enough = report[report["rows"] >= FEWEST_ROWS], calibration[calibration["rows"] >= FEWEST_IN_BIN]
    values = {("fact_stability", fact): index for fact, index in zip(told["fact"], told["index"], strict=True)}
    values |= {
        ("calibration_gap", f"{row['from']:.1f}"): row["found"] - row["mean_score"] for row in enough.to_dict("records")
    }
    now = core.clock.now()
    with core.sessions.begin() as session:
        session.execute(delete(GateMeasure).where(GateMeasure.name.in_({"fact_stability", "calibration_gap"})))
        session.add_all(
            GateMeasure(name=name, subject=subject, value=float(value), measured_at=now)
            for (name, subject), value in values.items()
        )
    return len(values)


def thresholds(core: Core, *, days: int) -> pd.DataFrame:
    """Return what each threshold of the score would have cost and found in the last days, by what is known now.

    Requests without a label count as cases, and neither as honest nor as hoarding. Where the first request is younger
    than that, the days since then count.

    Raises
    ------
    fraud.scoring.evaluate.EvaluationError
        No request of these days has a score.
    """
    now = core.clock.now()
    with core.sessions() as session:
        rows = gate_rows(session, since=now - timedelta(days=days), as_of=now)
    covered = days_of(rows, until=now) if len(rows) else float(days)
    return threshold_curve(rows["label"], rows["score"], days=min(float(days), covered))
