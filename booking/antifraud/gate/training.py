"""Train the gate's model from what became known in this installation."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import text

from booking.antifraud.gate.learned_rows import training_rows
from booking.country.core.core import Core
from booking.country.packs.quotas import GateSpec
from booking.country.policy import limits as policy_limits
from fraud.scoring.artifact import Artifact
from fraud.scoring.fairness import ScorePolicy
from fraud.scoring.model import fit
from fraud.scoring.splits import TrainingError

_SCORED: Final = text(
    """
    SELECT count(*) FROM request r WHERE r.created_at >= :first AND r.created_at < :as_of AND EXISTS (
      SELECT FROM verdict v WHERE v.request_id = r.id AND v.officer_id IS NULL AND v.decision <> 'refuse'
      AND v.inputs->'facts' IS NOT NULL)
    """
)


def train_from_history(core: Core, *, as_of: datetime, seed: int) -> Artifact:
    """Train on the labelled requests as they were known before ``as_of``; nothing later is read.

    Not every request has a label: officers' time is shared out to those that have one by their share of all, so that
    the thresholds keep to ``review_capacity_per_day`` when everyone is scored.

    Raises
    ------
    fraud.scoring.splits.TrainingError
        Too few requests have a label by then, or the instant lies ahead: what is still unknown cannot be repeated.
    PolicyMissingError
        No quota policy says what review may cost.
    """
    if as_of > core.clock.now():
        raise TrainingError("that day lies ahead; train as of a day that is over")
    with core.sessions() as session:
        spec = policy_limits.read(session, GateSpec)
        rows = training_rows(session, as_of=as_of)
        came = session.scalars(_SCORED, {"first": rows["time"].min() if len(rows) else as_of, "as_of": as_of}).one()
    labelled = len(rows) / max(1, came)
    policy = ScorePolicy(
        spec.review_capacity_per_day * labelled, spec.honest_challenged_most, spec.honest_reviewed_most
    )
    model = fit(rows, seed=seed, policy=policy)
    return replace(model, about={**model.about, "source": "history", "as_of": as_of.isoformat()})
