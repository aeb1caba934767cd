"""Two dates in a row: when it was made, and when its outcome is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fraud.tables.moments import Moments
from fraud.tables.names import name_words

_UNTIL_MIDNIGHT: Final = 1.0 - 1e-9
_NEARLY_ALL: Final = 0.99
_KNOWN: Final = 0.95
_FARTHEST: Final = 366.0
"""Days, at the median: what lies farther apart is a birth or an expiry, not a booking and its day."""
# Dates that are before or after a row's time, but neither its making nor its outcome.
_OTHER: Final = (
    "birth born dob birthdate birthday signup sign registered registration joined join since opened open first last "
    "previous member expiry expires expire expiration valid until مولد ميلاد تسجيل انتهاء صلاحية"
)
_OTHER_WORDS: Final = frozenset(_OTHER.split())


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each row was made and when its outcome is known, float64 (n,), and the columns that say so.

    ``lead`` is the number of midnights between the two, nan where unknown; None without a second date.
    """

    made: npt.NDArray[np.float64]
    known: npt.NDArray[np.float64]
    made_name: str
    known_name: str
    lead: npt.NDArray[np.float64] | None


def timeline(
    moments: Moments,
    name: str,
    others: Mapping[str, npt.NDArray[np.float64]],
    *,
    train: npt.NDArray[np.bool_],
    delay: float,
) -> Timeline:
    """Find out when rows were made and when their outcomes are known, from the training rows' dates.

    A second date that nearly never is after the row's time says when the row was made; one that nearly never is
    before it says when the outcome is known. Where there are several the nearest counts. Of an outcome with a day but
    no time of day nothing is known before the next midnight.

    Parameters
    ----------
    others
        Further dates, float64 (n,), by the name of their column.
    delay
        After this many days more the outcome is known.
    """
    at = moments.when
    earlier, later = (name, at), (name, at)
    if moments.dated:
        found: dict[bool, list[tuple[float, str]]] = {True: [], False: []}
        for other, when in others.items():
            days = (np.floor(when) - np.floor(at))[train]
            known = days[~np.isnan(days)]
            if len(known) < _KNOWN * len(days) or _OTHER_WORDS & set(name_words(other)) or not known.any():
                continue
            middle = float(np.median(np.abs(known)))
            for after in (True, False):
                if np.mean(known >= 0 if after else known <= 0) >= _NEARLY_ALL and middle <= _FARTHEST:
                    found[after].append((middle, other))
        if found[False]:
            made = min(found[False])[1]
            earlier = (made, others[made])
        if found[True]:
            outcome = min(found[True])[1]
            later = (outcome, others[outcome])
    made_at = np.where(np.isnan(earlier[1]), at, np.minimum(earlier[1], at))
    # A day without a time of day is over at its midnight, even where the row itself was made in the course of that day.
    outcome_at = later[1]
    if Moments(outcome_at[train], moments.dated).whole_days:
        outcome_at = outcome_at + _UNTIL_MIDNIGHT
    known_at = np.where(np.isnan(outcome_at), at, np.maximum(outcome_at, at))
    lead = None
    if earlier[0] != later[0]:
        lead = np.floor(later[1]) - np.floor(earlier[1])
    return Timeline(
        made=made_at,
        known=known_at + delay,
        made_name=earlier[0],
        known_name=later[0],
        lead=lead,
    )
