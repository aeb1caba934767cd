"""Tables of bookings made up by a seed: what is asked of the pipeline must not depend on any real data."""

import numpy as np
import pandas as pd


def bookings(rows=1500, *, seed=0, people=300):
    """People come or not: who is careless fails often, whoever books far ahead more often."""
    random = np.random.default_rng(seed)
    person = random.integers(0, people, rows)
    careless = random.random(people) < 0.3
    made = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        np.sort(random.uniform(0, 300 * 86_400, rows)).round(), unit="s"
    )
    lead = random.integers(0, 20, rows)
    day = made.normalize() + pd.to_timedelta(lead, unit="D")
    city = random.choice(["دمشق", "حلب", "حمص", "Latakia"], rows)
    chance = 0.05 + 0.02 * lead + 0.35 * careless[person] + 0.1 * (city == "حلب")
    missed = random.random(rows) < chance
    return pd.DataFrame(
        {
            "booking_id": [f"B{number:07d}" for number in random.permutation(rows)],
            "person_id": person + 70_000,
            "booked": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "day": day.strftime("%Y-%m-%d"),
            "city": city,
            "age": random.integers(18, 90, rows),
            "missed": np.where(missed, "Yes", "No"),
        }
    )
