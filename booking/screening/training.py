"""Train the gate's model from what became known in this installation."""

from datetime import datetime

from booking.core import Core
from booking.policies import gate_spec
from booking.screening.learned_rows import training_rows
from fraud.artifact import Artifact
from fraud.model import fit
from fraud.scoring.thresholds import ScorePolicy


def train_from_history(core: Core, *, as_of: datetime, seed: int) -> Artifact:
    """Train on the labelled requests as they were known before ``as_of``; nothing later is read.

    Raises
    ------
    fraud.scoring.splits.TrainingError
        Too few requests have a label by then.
    PolicyMissingError
        No quota policy says what review may cost.
    """
    with core.sessions() as session:
        spec = gate_spec(session)
        rows = training_rows(session, as_of=as_of)
    policy = ScorePolicy(spec.review_capacity_per_day, spec.honest_challenged_most, spec.honest_reviewed_most)
    return fit(rows, seed=seed, policy=policy)
