"""How a version of the gate's model does on recent requests: what its lines would cost, how true it is, for whom."""

from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from booking.antifraud.gate.fairness import GROUPS, fairness_of, scores_of
from booking.antifraud.gate.learned_rows import gate_rows
from booking.antifraud.gate.watching import read_model
from booking.country.core.core import Core
from booking.country.core.policies import live_thresholds
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from booking.platform.models import ModelVersion, ShadowScore
from fraud.facts import ALWAYS
from fraud.rules.backtest import SMALLEST_GROUP
from fraud.rules.backtest_result import records
from fraud.scoring.artifact import Artifact
from fraud.scoring.compare import Comparison, calibration_report, compare, drift_report
from fraud.scoring.evaluate import wilson
from fraud.scoring.fairness import threshold_curve
from fraud.scoring.fitting import days_of

MOST_ROWS: Final = 100_000
WEEK: Final = timedelta(days=7)
MOST_WEEKS: Final = 8


def model_result(core: Core, *, version: int, days: int) -> dict[str, Any]:
    """Score the requests of the last days again by one version, and set it beside the one that decides.

    The facts are those that each verdict stored, so a draft that never saw a live request can be judged too. Where
    there are very many requests the latest ``MOST_ROWS`` count.

    Returns
    -------
    dict
        Plain data: ``judged`` (0: nothing else is there), ``known``, ``honest``, ``days``; ``lines``, ``overruled``
        (the policy has lines of its own) and ``capacity``; ``curve``, ``calibration``, ``drift``, ``fairness``,
        ``breaches`` and ``bound``; ``versus`` where another version decides; ``in_shadow``, how many live requests it
        scored; ``metrics`` of its training.

    Raises
    ------
    NotFoundError
        There is no such version.
    fraud.scoring.artifact.ArtifactError
        The version, or the one that decides, cannot be used.
    PolicyMissingError
        No quota policy is active.
    """
    now, artifact = core.clock.now(), read_model(core, version)
    with core.sessions() as session:
        spec = policy_limits.read(session, GateSpec)
        rows = gate_rows(session, since=now - timedelta(days=days), as_of=now, most=MOST_ROWS)
        decides = session.scalar(select(ModelVersion.version).where(ModelVersion.active))
        seen = session.scalar(select(func.count()).select_from(ShadowScore).where(ShadowScore.model_version == version))
        report, beyond = fairness_of(session, core, artifact)
    rows = rows.dropna(subset=list(ALWAYS)).reset_index(drop=True)
    about = {"metrics": dict(artifact.about.get("metrics", {})), "in_shadow": seen, "judged": len(rows)}
    if rows.empty:
        return about
    scores = scores_of(artifact, rows)
    covered = min(float(days), days_of(rows, until=now))
    known = rows["label"].notna()
    lines = live_thresholds(spec, artifact)
    return about | {
        "known": int(known.sum()),
        "honest": int(rows["label"].isin([False]).sum()),
        "days": covered,
        "lines": {"challenge": lines.challenge, "review": lines.review},
        "own_lines": {"challenge": artifact.thresholds.challenge, "review": artifact.thresholds.review},
        "overruled": spec.challenge_from is not None,
        "capacity": spec.review_capacity_per_day,
        "curve": records(threshold_curve(rows["label"], scores, days=covered)),
        "calibration": _calibration(rows.loc[known, "label"], scores[known.to_numpy()]),
        "drift": _drift(artifact, rows),
        "fairness": records(report[report["people"] >= SMALLEST_GROUP]),
        "breaches": [
            {"group": one.group, "what": one.what, "rate": one.rate, "others": one.others, "gap": one.gap}
            for one in beyond
        ],
        "bound": spec.fairness_gap_most,
        "versus": None if decides is None or decides == version else _versus(core, decides, rows, scores, artifact),
    }


def _calibration(labels: pd.Series, scores: np.ndarray[Any, np.dtype[np.float64]]) -> list[dict[str, Any]]:
    """Return for each bin of scores how many hoarded, with the 95 % interval."""
    rows = records(calibration_report(labels.astype(bool), scores))
    for row in rows:
        row["low"], row["high"] = wilson(round(row["found"] * row["rows"]), row["rows"])
    return rows


def _drift(artifact: Artifact, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the stability index of each fact for each of the last weeks, the worst fact of the latest week first."""
    latest = rows["time"].max()
    weeks: list[dict[str, Any]] = []
    for back in range(MOST_WEEKS):
        until = latest - back * WEEK
        part = rows[(rows["time"] <= until) & (rows["time"] > until - WEEK)]
        if len(part):
            report = drift_report(artifact.about["reference"], part).set_index("fact")
            weeks.insert(0, {"until": until.date().isoformat(), "rows": len(part), "report": report})
    order = weeks[-1]["report"].sort_values("index", ascending=False, kind="stable").index
    return {
        "weeks": [{"until": week["until"], "rows": week["rows"]} for week in weeks],
        "facts": [
            {
                "fact": fact,
                "index": [float(week["report"].loc[fact, "index"]) for week in weeks],
                "level": [str(week["report"].loc[fact, "level"]) for week in weeks],
            }
            for fact in order
        ],
    }


def _versus(
    core: Core, decides: int, rows: pd.DataFrame, scores: np.ndarray[Any, np.dtype[np.float64]], artifact: Artifact
) -> dict[str, Any]:
    champion = read_model(core, decides)
    with core.sessions() as session:
        limits = policy_limits.read(session, GateSpec)
    found: Comparison = compare(
        rows.assign(score=scores_of(champion, rows), shadow_score=scores),
        thresholds=live_thresholds(limits, champion),
        shadow_thresholds=live_thresholds(limits, artifact),
        groups=GROUPS,
    )
    groups = found.by_group[found.by_group["requests"] >= SMALLEST_GROUP] if len(found.by_group) else found.by_group
    return {
        "champion": decides,
        "agree": found.agree,
        "changes": found.agreement.to_numpy().tolist(),
        "groups": records(groups),
        "metrics": found.metrics,
    }
