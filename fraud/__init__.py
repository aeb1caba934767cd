"""The gate against a market in places: limits, hard facts, rules and a calibrated score, with reasons in words."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the limiter alone needs neither numpy nor numba, which take a second to load
    from fraud.scoring.artifact import Artifact

FIRST_MODEL: Final = (1, 60_000)
"""Seed and rows of the first model that ``mawid fraud train`` makes."""


def train(seed: int, rows: int) -> "Artifact":
    """Train a first model on a simulated history of ``rows`` requests; equal arguments give an equal model.

    Raises
    ------
    fraud.scoring.model.TrainingError
        ``rows`` are too few.
    """
    # scikit-learn takes a second to load, and the live gate never needs it.
    from fraud.scoring.model import fit  # noqa: PLC0415
    from fraud.scoring.simulate import simulate  # noqa: PLC0415

    model = fit(simulate(seed, rows), seed=seed)
    return replace(model, about={**model.about, "source": "simulated"})
