"""What is told of a wait: the narrowest range, in steps of five minutes, that holds in four of five plays.

A person decides by it whether to stand near the counter or to go out once more. A single number would be wrong for most
of those who are far from their turn, whoever reckons it: how long the people before them take is not known.
"""

from typing import Final

import numpy as np

from allocation.hall.service_times import Minutes

STEP: Final = 5.0
"""Minutes."""
HOLDS: Final = 0.8
"""The share of plays within the range."""


def narrowest(called: Minutes) -> tuple[Minutes, Minutes]:
    """Return from and until when each is called, in minutes: whole steps.

    Of ranges of the same width it is the one that holds most plays, and of those the earliest.

    Parameters
    ----------
    called
        The minutes after which each was called in each play, finite (plays × parties).
    """
    plays, parties = called.shape
    step = np.maximum(np.ceil(called / STEP).astype(np.int64) - 1, 0)
    steps = int(step.max(initial=0)) + 1
    counts = np.zeros((parties, steps + 1))
    np.add.at(counts, (np.arange(parties), step + 1), 1)
    within = np.cumsum(counts, axis=1)
    first, width = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    for wide in range(1, steps + 1):
        held = within[:, wide:] - within[:, :-wide]
        best = held.argmax(axis=1)
        found = (width == 0) & (held.max(axis=1) >= HOLDS * plays)
        first[found], width[found] = best[found], wide
        if width.all():
            break
    return STEP * first.astype(np.float64), STEP * (first + width).astype(np.float64)
