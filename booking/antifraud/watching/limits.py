"""Control limits of a funnel plot: how far a share may lie from the target by chance alone, exactly.

Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185-1202.
"""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

WARNING_TAIL: Final = 0.025
"""Beyond the 95 % limits: one of forty lies above them by chance."""
ALERT_TAIL: Final = 0.001
"""Beyond the 99.8 % limits: one of a thousand lies above them by chance."""


class Standing(StrEnum):
    """Where a share lies between its limits."""

    FAR_ABOVE = "far_above"
    ABOVE = "above"
    WITHIN = "within"
    BELOW = "below"
    FAR_BELOW = "far_below"


def at_least(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or more of ``of`` when each has the probability ``share``."""
    return float(_probabilities(of, share)[count:].sum())


def at_most(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or fewer of ``of`` when each has the probability ``share``."""
    return float(_probabilities(of, share)[: count + 1].sum())


def standing(count: int, of: int, share: float) -> Standing:
    """Return where ``count`` of ``of`` lies; nothing of nothing is within."""
    if of == 0:
        return Standing.WITHIN
    above, below = at_least(count, of, share), at_most(count, of, share)
    if above <= ALERT_TAIL:
        return Standing.FAR_ABOVE
    if below <= ALERT_TAIL:
        return Standing.FAR_BELOW
    return Standing.ABOVE if above <= WARNING_TAIL else Standing.BELOW if below <= WARNING_TAIL else Standing.WITHIN


def lower_limit(of: int, share: float, tail: float) -> float:
    """Return the share below which a count of ``of`` lies exactly when its probability (or less) is at most ``tail``.

    Interpolated between whole counts as in the paper's appendix, so that the curve has no steps; never below 0.
    """
    cumulated = np.cumsum(_probabilities(of, share))
    first = int(np.argmax(cumulated > tail))
    before = float(cumulated[first - 1]) if first else 0.0
    part = (float(cumulated[first]) - tail) / (float(cumulated[first]) - before)
    return max(0.0, (first - part) / of)


def upper_limit(of: int, share: float, tail: float) -> float:
    """Return the share above which a count lies exactly when the probability of it or more is at most ``tail``.

    The mirror image of the lower limit. The paper interpolates one count lower above, where more than ``tail`` lie out.
    """
    return 1.0 - lower_limit(of, 1.0 - share, tail)


def _probabilities(of: int, share: float) -> NDArray[np.float64]:
    """Return the binomial probabilities of 0 ... ``of``, by logarithms, so that thousands do not underflow."""
    counts = np.arange(of + 1)
    if share in {0.0, 1.0}:
        return np.where(counts == of * share, 1.0, 0.0)
    logs = np.zeros(of + 1)
    logs[1:] = np.cumsum(np.log((of - counts[1:] + 1) / counts[1:]))
    probabilities: NDArray[np.float64] = np.exp(logs + counts * np.log(share) + (of - counts) * np.log1p(-share))
    return probabilities
