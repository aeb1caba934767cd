"""A made-up past of appointments: who stayed away once stays away more often."""

import numpy as np
import pandas as pd

from fraud.no_show.model import FEATURES


def past(rows: int, *, seed: int = 4) -> pd.DataFrame:
    """As `fraud.no_show.model.fit_no_show` takes it; everyone has one appointment."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({name: np.zeros(rows) for name in FEATURES})
    frame["days_ahead"] = draw.integers(1, 40, rows) + draw.random(rows)
    frame["hour_of_day"], frame["weekday"] = draw.integers(8, 15, rows), draw.integers(0, 7, rows)
    frame["party_size"] = 1 + draw.poisson(0.5, rows)
    frame["earlier_no_shows"] = draw.poisson(0.15, rows)
    frame["earlier_visits"] = draw.poisson(0.4, rows)
    chance = np.clip(0.05 + 0.7 * (frame["earlier_no_shows"] > 0) + 0.002 * frame["days_ahead"], 0, 1)
    return frame.assign(
        time=pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows), unit="h"),
        person=np.arange(rows),
        label=draw.random(rows) < chance,
    )
