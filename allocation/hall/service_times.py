"""How long a service takes at a counter, measured: quantiles that lean on those of a wider group where few are known.

A time is described by its `LEVELS` quantiles, in minutes, at equal steps of probability. What is measured at an office
leans on what is measured everywhere, and that on what the catalogue states: with n measured, the logarithm of each
quantile is the mean of the measured one and of the wider group's, weighted n to `LEAN`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Minutes: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
Kind: TypeAlias = tuple[int | None, int, int]
"""Office (None: all of them), service, people of the party."""

LEVELS: Final = 20
PROBABILITIES: Final = (np.arange(LEVELS) + 0.5) / LEVELS
LEAN: Final = 15.0
"""So many measured times weigh as much as what is known of the wider group."""
PACE_LEAN: Final = 8.0
"""So many visits at the usual pace are assumed of a counter before its first one of the day."""
LARGEST: Final = 6
"""Larger parties are counted as parties of so many people."""
SHORTEST: Final = 0.5
"""Minutes: who was served faster was called by mistake."""
_OVERTIME: Final = 0.2
_FORGOTTEN: Final = 4.0
"""Times longer than so many medians were ended late; they count as so long."""
_SPREAD: Final = 0.35
_UPPER: Final = np.array([1.95996, 1.43953, 1.15035, 0.93459, 0.75542, 0.59776, 0.45376, 0.31864, 0.18912, 0.06271])
NORMAL: Final = np.concatenate((-_UPPER, _UPPER[::-1]))
"""The quantiles of a standard normal distribution at `PROBABILITIES` (scipy is no dependency of this package)."""
_SHAPE: Final = np.exp(_SPREAD * NORMAL)


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured: ``minutes`` from being called to being served, by office, service and people; equal lengths.

    Raises
    ------
    ValueError
        The columns differ in length.
    """

    office: Whole
    service: Whole
    people: Whole
    minutes: Minutes

    def __post_init__(self) -> None:
        if len({len(self.office), len(self.service), len(self.people), len(self.minutes)}) != 1:
            raise ValueError("office, service, people and minutes differ in length")


@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """The quantiles of one kind of visit, in minutes, rising; ``counted`` measured times are in them."""

    quantiles: Minutes
    counted: int

    @property
    def mean(self) -> float:
        """Return the mean, in minutes."""
        return float(self.quantiles.mean())


def stated(minutes: float) -> Time:
    """Return what is assumed where nothing is measured: a spread around the minutes that the catalogue states."""
    return Time(minutes * _SHAPE, 0)


def learn(measured: Measured, nominal: Mapping[int, float]) -> dict[Kind, Time]:
    """Return the times of every kind that was measured, at each office and everywhere.

    Parameters
    ----------
    nominal
        The minutes of one person, by service, as the catalogue states them; a service that it lacks is left out.
    """
    people = np.minimum(measured.people, LARGEST)
    times: dict[Kind, Time] = {}
    for service, size in _pairs(measured.service, people):
        if service not in nominal:
            continue
        rows = (measured.service == service) & (people == size) & (measured.minutes >= SHORTEST)
        everywhere = _leaning(measured.minutes[rows], stated(nominal[service] * size))
        times[None, service, size] = everywhere
        offices = measured.office[rows]
        for office in np.unique(offices).tolist():
            own = measured.minutes[rows][offices == office]
            times[office, service, size] = _leaning(own, everywhere)
    return times


def time_of(times: Mapping[Kind, Time], kind: tuple[int, int, int], nominal: float) -> Time:
    """Return the time of a visit: as measured at its office, else everywhere, else as stated.

    Parameters
    ----------
    nominal
        The minutes of one person, as the catalogue states them.
    """
    office, service, people = kind
    size = min(people, LARGEST)
    return times.get((office, service, size)) or times.get((None, service, size)) or stated(nominal * people)


def pace(minutes: Minutes, expected: Minutes) -> float:
    """Return by how much a counter is slower than usual today (above 1) or faster, from the visits that it ended.

    Parameters
    ----------
    minutes, expected
        How long each took, and the mean of its kind.
    """
    ratio = np.clip(minutes / expected, 1 / _FORGOTTEN, _FORGOTTEN)
    return float((ratio.sum() + PACE_LEAN) / (len(minutes) + PACE_LEAN))


def pace_spread(visits: int) -> float:
    """Return how far a counter's pace may be from `pace` after so many visits: the deviation of its logarithm."""
    return float(_SPREAD / np.sqrt(visits + PACE_LEAN))


def drawn(quantiles: Minutes, chance: Minutes) -> Minutes:
    """Return the minutes at a chance from 0 to 1 of each kind, never below 0; see `at_chance`."""
    return np.maximum(at_chance(quantiles, chance), 0.0)


def at_chance(quantiles: Minutes, chance: Minutes) -> Minutes:
    """Return the value at a chance from 0 to 1 of each kind: straight between the quantiles, and on beyond the last.

    Parameters
    ----------
    quantiles
        A row for each of k kinds, k × `LEVELS`.
    chance
        So many draws of each, n × k.
    """
    place = chance * LEVELS - 0.5
    below = np.clip(np.floor(place).astype(np.int64), 0, LEVELS - 2)
    kind = np.arange(len(quantiles))
    low, high = quantiles[kind, below], quantiles[kind, below + 1]
    return low + (place - below) * (high - low)


def longer(quantiles: Minutes, elapsed: Minutes, chance: Minutes) -> Minutes:
    """Return how much longer a visit takes that took so long already, at each chance from 0 to 1.

    Who takes longer than ever measured is assumed to need another `_OVERTIME` of the mean.

    Parameters
    ----------
    quantiles
        Of the visit, (`LEVELS`,).
    elapsed, chance
        n draws of each, (n,).
    """
    so_far = np.interp(elapsed, quantiles, PROBABILITIES, left=0.0, right=1.0)
    more = drawn(quantiles[None], (so_far + (1 - so_far) * chance)[:, None])[:, 0] - elapsed
    return np.where(elapsed < quantiles[-1], np.maximum(more, 0.0), _OVERTIME * quantiles.mean())


def _leaning(minutes: Minutes, wider: Time) -> Time:
    if not len(minutes):
        return Time(wider.quantiles, 0)
    kept = np.minimum(minutes, _FORGOTTEN * float(np.median(minutes)))
    own = np.log(np.quantile(kept, PROBABILITIES))
    weight = len(minutes) / (len(minutes) + LEAN)
    return Time(np.exp(weight * own + (1 - weight) * np.log(wider.quantiles)), len(minutes))


def _pairs(service: Whole, people: Whole) -> list[tuple[int, int]]:
    return sorted(set(zip(service.tolist(), people.tolist(), strict=True)))
