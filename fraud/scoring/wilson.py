"""How far a share may lie from what was counted: Wilson's interval (1927), sound for few people and near zero."""

from math import sqrt
from typing import Final

Z_95: Final = 1.959963984540054
Z_99: Final = 2.576


def wilson(found: float, of: float) -> tuple[float, float]:
    """Return the 95 % interval of a share from its counts; 0 and 1 where nobody was counted."""
    return interval(found / of, of) if of else (0.0, 1.0)


def interval(share: float, of: float, *, z: float = Z_95) -> tuple[float, float]:
    """Return the interval of a share found among so many people; 0 and 1 where nobody was counted."""
    if not of:
        return 0.0, 1.0
    square = z * z / of
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)
