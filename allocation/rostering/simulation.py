"""A month played with a roster: who is served, and how long people wait."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from allocation.rostering.samples import MINUTES
from allocation.rostering.weeks import Real, Whole

_SPREAD: Final = 0.42
_HOUR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Month:
    """What came of a month: people who came and were served before closing, and their waits in minutes."""

    came: int
    served: int
    mean_wait: float
    worst_wait: float


def play(demand: Real, cover: Whole, *, counters: int, seed: int = 0, unsure: float = 0.18) -> Month:
    """Play each day: people come at random, the first is served first, who is not called by closing goes home.

    Parameters
    ----------
    demand, cover
        (days × hours) the mean of people who come, and how many are at counters.
    counters
        Nobody else finds a counter.
    """
    rng = np.random.default_rng(seed)
    waits: list[float] = []
    came = 0
    for day in range(len(demand)):
        mean = demand[day] * np.exp(unsure * rng.standard_normal() - unsure**2 / 2)
        hours = np.repeat(np.arange(len(mean)), rng.poisson(mean))
        arrives = np.sort(hours * _HOUR + rng.uniform(0, _HOUR, len(hours)))
        takes = MINUTES * np.exp(_SPREAD * rng.standard_normal(len(hours)) - _SPREAD**2 / 2)
        waits += _day(arrives, takes, np.minimum(cover[day], counters))
        came += len(hours)
    return Month(came, len(waits), float(np.mean(waits)), float(np.max(waits)))


def _day(arrives: Real, takes: Real, cover: Whole) -> list[float]:
    """Return the waits of those who were called before closing."""
    servers = int(cover.max(initial=0))
    if not servers:
        return []
    hours = len(cover)
    # from which instant on a server is next at the counter, by the hour in which it is free
    opens = np.full((hours + 1, servers), np.inf)
    for hour in range(hours - 1, -1, -1):
        opens[hour] = np.where(np.arange(servers) < cover[hour], hour * _HOUR, opens[hour + 1])
    free, waits, row = np.zeros(servers), [], np.arange(servers)
    for at, length in zip(arrives.tolist(), takes.tolist(), strict=True):
        ready = np.maximum(free, at)
        begins = np.maximum(ready, opens[np.minimum(ready // _HOUR, hours).astype(np.int64), row])
        server = int(begins.argmin())
        if begins[server] < hours * _HOUR:
            waits.append(float(begins[server]) - at)
            free[server] = begins[server] + length
    return waits
