"""How a request ranks the bins that it accepts."""

import numpy as np
from numpy.typing import NDArray


def regret(late: NDArray[np.bool_], rank: NDArray[np.int8], cost: NDArray[np.int16]) -> NDArray[np.int64]:
    """In time, then rank, then cost, as one number for each pair, int64 (p,): lower is better; only to compare."""
    return ((late.astype(np.int64) << 8) + rank << 17) + cost
