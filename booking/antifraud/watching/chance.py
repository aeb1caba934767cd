"""How many questions chance alone opens: honest officers, looked at every night, simulated.

Each night looks again at almost the same ninety days, so one in a thousand does not answer this: an officer who is
looked at often is beyond some limit more often. Officers decide about random cases, each of which has the same
probability of being approved. A question is answered after some days, and from then on only later decisions count, as
`booking.antifraud.watching.alerts` does it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from booking.antifraud.watching.beyond import FEWEST, WINDOW_DAYS
from booking.antifraud.watching.limits import ALERT_TAIL, at_least

_ANSWERED_AFTER: Final = 3  # days


def false_questions(*, officers: int, days: int, per_day: float, share: float, seed: int) -> float:
    """Return the questions a month (30 days) that some honest officers meet by chance.

    Parameters
    ----------
    officers, days
        How many are simulated, and for how many days after the first full window.
    per_day
        Cases that each decides a day, on average (Poisson).
    share
        The probability that a case is approved.
    """
    rng = np.random.default_rng(seed)
    length = WINDOW_DAYS + days
    decided = rng.poisson(per_day, (officers, length))
    approved = rng.binomial(decided, share)
    decided, approved = (np.pad(each.cumsum(axis=1), ((0, 0), (1, 0))) for each in (decided, approved))
    enough = _smallest_beyond(int((decided[:, -1]).max()), share)
    begins, open_until, opened = np.zeros(officers, dtype=np.int64), np.full(officers, -1), 0
    everyone = np.arange(officers)
    for night in range(WINDOW_DAYS, length):
        begins = np.maximum(begins, night - WINDOW_DAYS)
        n = decided[:, night] - decided[everyone, np.minimum(begins, night)]
        x = approved[:, night] - approved[everyone, np.minimum(begins, night)]
        asked = (open_until < night) & (n >= FEWEST)
        asked &= x >= enough[n]
        opened += int(asked.sum())
        open_until[asked] = night + _ANSWERED_AFTER
        begins[asked] = night + _ANSWERED_AFTER
    return opened * 30 / days


def _smallest_beyond(most: int, share: float) -> NDArray[np.int64]:
    """Return for 0 ... ``most`` decided cases the smallest number of approvals that is beyond the 99.8 % limit."""
    enough = np.zeros(most + 1, dtype=np.int64)
    count = 0
    for of in range(most + 1):
        while at_least(count, of, share) > ALERT_TAIL:
            count += 1
        enough[of] = count
    return enough
