"""Invented appointments and whether anybody came, to try the no-show model on before there is a history.

Nothing here is measured; each number is an assumption that can be argued with. Somebody who stayed away once stays
away more often, who came before comes again, and what was booked long ago is forgotten; chance does the rest.
"""

from typing import Final

import numpy as np
import pandas as pd

START: Final = pd.Timestamp("2025-01-01", tz="UTC")
DAYS: Final = 365
_APPOINTMENTS_A_PERSON: Final = 1.3
_ABROAD, _DRAWN = 0.25, 0.8
_DAYS_AHEAD: Final = (12.0, 0.7)  # median, and the spread of its logarithm
_OTHERS, _MOVES, _NO_SHOWS, _VISITS, _CANCELLATIONS = 0.6, 0.1, 0.12, 0.35, 0.15
_FIRST_HOUR, _LAST_HOUR = 8, 15
_USUAL: Final = -2.5  # logit
_EFFECTS: Final = {
    "days_ahead": 0.03,
    "party_size": -0.15,
    "asks_from_abroad": -0.3,
    "given_by_draw": -0.1,
    "moves": 0.3,
    "earlier_no_shows": 1.1,
    "earlier_visits": -0.4,
    "earlier_cancellations": 0.3,
}
_UNKNOWN_OF_EACH: Final = 0.7  # spread of what no feature knows, in logits


def simulate_appointments(seed: int, rows: int) -> pd.DataFrame:
    """Draw appointments that are over, in the order of time; equal arguments give equal frames.

    Returns
    -------
    pandas.DataFrame
        A column for each of `fraud.no_show.model.FEATURES`, ``time``, ``person`` and ``label`` (nobody came), as
        `fraud.no_show.model.fit_no_show` takes them.
    """
    draw = np.random.default_rng([seed, 53])
    median, spread = _DAYS_AHEAD
    frame = pd.DataFrame(
        {
            "days_ahead": np.clip(median * np.exp(spread * draw.standard_normal(rows)), 1, 90),
            "hour_of_day": draw.integers(_FIRST_HOUR, _LAST_HOUR, rows).astype(float),
            "weekday": draw.choice([0.0, 1.0, 2.0, 3.0, 6.0], rows),
            "party_size": 1.0 + draw.poisson(_OTHERS, rows),
            "asks_from_abroad": (draw.random(rows) < _ABROAD).astype(float),
            "given_by_draw": (draw.random(rows) < _DRAWN).astype(float),
            "moves": draw.poisson(_MOVES, rows).astype(float),
            "earlier_no_shows": draw.poisson(_NO_SHOWS, rows).astype(float),
            "earlier_visits": draw.poisson(_VISITS, rows).astype(float),
            "earlier_cancellations": draw.poisson(_CANCELLATIONS, rows).astype(float),
        }
    )
    logit = _USUAL + _UNKNOWN_OF_EACH * draw.standard_normal(rows)
    for name, effect in _EFFECTS.items():
        logit += effect * frame[name].to_numpy()
    return frame.assign(
        time=START + pd.to_timedelta(np.sort(draw.random(rows)) * DAYS, unit="D"),
        person=draw.integers(0, max(1, round(rows / _APPOINTMENTS_A_PERSON)), rows),
        label=draw.random(rows) < 1 / (1 + np.exp(-logit)),
    )
