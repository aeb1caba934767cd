"""Years of invented weekly demand and attendance, to try a forecast on before there is a history.

Nothing here is measured. The numbers are assumptions that can be argued with (docs/forecast.md lists them), and on
purpose the process is not the one that the forecast assumes: offices feel the seasons differently and early or late,
levels jump, weeks depend on each other, counts vary more than chance, and one announcement moves a whole country.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from booking.country.packs.schema import Pack
from booking.scheduling.forecast.panel import COLUMNS
from booking.scheduling.forecast.seasons import Calendar, calendar, seasons, weeks_from

Matrix = npt.NDArray[np.float64]
EXPATRIATES: Final = 0.3
MIX: Final[Mapping[str, float]] = {
    "passport-renewal": 0.55,
    "new-passport": 0.2,
    "child-passport": 0.15,
    "replacement-lost": 0.04,
    "replacement-damaged": 0.03,
    "data-change": 0.03,
}
"""Shares of the services; one that is not named gets ``OTHER``."""
OTHER: Final = 0.02
EFFECTS: Final[Mapping[str, Mapping[str, float]]] = {
    "branch": {
        "ramadan": -0.35,
        "before-ramadan": 0.1,
        "after-ramadan": 0.22,
        "before-hajj": 0.25,
        "hajj": -0.3,
        "school-summer": 0.12,
        "school-winter": 0.12,
        "expatriate-summer": 0.3,
        "before-summer": 0.1,
    },
    "consulate": {
        "ramadan": -0.15,
        "after-ramadan": 0.05,
        "before-hajj": 0.1,
        "hajj": -0.1,
        "expatriate-summer": -0.4,
        "before-summer": 0.35,
    },
}
"""Added to the logarithm of demand in a week that lies wholly in a season."""
CHILDREN_IN_SUMMER: Final = 0.25
_SEASON_FELT, _EARLY = 0.35, 1.0  # spread of how strongly, and by how many weeks earlier or later
_GROWTH, _GROWTH_SPREAD = 0.06, 0.04  # a year
_JUMPS, _JUMP = 0.5, 0.12  # of an office, a year; spread of the logarithm
_KEPT, _NOISE, _NATIONAL = 0.6, 0.08, 0.04  # of last week's deviation; spreads of an office's and a service's
_CLOSED, _CAUGHT_UP = 0.6, 0.35  # loss of a week with only holidays, and what the next week gains
_DISPERSION: Final = 60.0  # gamma-Poisson; larger is nearer to chance alone
_ANNOUNCEMENT: Final = (0.5, 0.35, 0.2)
_OTHERS_IN_PARTY: Final = 0.6
_APPOINTMENTS: Final = 0.7  # of requests become an appointment
_ABSENT, _ABSENT_OFFICE, _ABSENT_SERVICE, _ABSENT_WEEK = -1.9, 0.35, 0.2, 0.15  # logits
_ABSENT_SEASONS: Final = {"ramadan": 0.3, "hajj": 0.35, "before-summer": -0.1}


def simulate_demand(
    pack: Pack, *, first_week: date, weeks: int, seed: int, weekly: float = 12_000, seasonal: float = 1.0
) -> pd.DataFrame:
    """Draw a history.

    Parameters
    ----------
    pack
        Its offices share the demand: branches by the people of their region, consulates by their counters.
    first_week, weeks
        From which first day of a week on, and how many.
    seed
        Equal arguments give equal frames.
    weekly
        Requests of the whole country in the first week, before seasons.
    seasonal
        How strong seasons are: 1 as assumed, 0 none at all (then a forecast that believes in them should not win).

    Returns
    -------
    pandas.DataFrame
        The columns of `booking.scheduling.forecast.panel.COLUMNS`, a row for each office, service and week.
    """
    rng = np.random.default_rng([seed, 17])
    known = calendar(pack, weeks_from(first_week, weeks))
    years = np.arange(weeks) / 52.18
    news = _announcement(rng, weeks)
    national = {service: _drifting(rng, weeks, _NATIONAL) for service in pack.appointments}
    mix = {service: MIX.get(service, OTHER) for service in pack.appointments}
    rows = []
    for office, share in _shares(pack).items():
        kind = pack.office(office).kind
        felt = np.exp(_SEASON_FELT * rng.standard_normal(len(seasons())))
        late = int(np.rint(_EARLY * rng.standard_normal()))
        effect = seasonal * _seasonal(known, kind, felt, late)
        growth = _GROWTH + _GROWTH_SPREAD * rng.standard_normal()
        level = growth * years + _jumps(rng, weeks) + _drifting(rng, weeks, _NOISE) + news + effect
        level += seasonal * _closures(known.closed[office])
        for service, rule in pack.appointments.items():
            log = level + national[service]
            if service == "child-passport" and kind == "branch":
                log = log + seasonal * CHILDREN_IN_SUMMER * _share_of(known, "school-summer")
            mean = weekly * share * mix[service] / sum(mix.values()) * np.exp(log)
            requests = rng.poisson(mean * rng.gamma(_DISPERSION, 1 / _DISPERSION, weeks))
            people = requests + rng.poisson(_OTHERS_IN_PARTY * requests)
            rows.append(
                pd.DataFrame(
                    {
                        "office": office,
                        "service": service,
                        "week": known.weeks,
                        "requests": requests,
                        "people": people,
                        "units": people * rule.units,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def simulate_attendance(pack: Pack, demand: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Draw how many appointments each office, service and week had, and to how many nobody came.

    Returns
    -------
    pandas.DataFrame
        ``office``, ``service``, ``week``, ``appointments``, ``no_shows``.
    """
    rng = np.random.default_rng([seed, 29])
    weeks = tuple(sorted(set(demand["week"])))
    known = calendar(pack, weeks)
    season = sum((size * _share_of(known, code) for code, size in _ABSENT_SEASONS.items()), np.zeros(len(weeks)))
    of_week = dict(zip(weeks, season + _ABSENT_WEEK * rng.standard_normal(len(weeks)), strict=True))
    of_office = {office.code: _ABSENT_OFFICE * rng.standard_normal() for office in pack.offices}
    of_service = {service: _ABSENT_SERVICE * rng.standard_normal() for service in pack.appointments}
    appointments = rng.binomial(demand["requests"].to_numpy(np.int64), _APPOINTMENTS)
    logit = (
        _ABSENT
        + demand["office"].map(of_office).to_numpy(np.float64)
        + demand["service"].map(of_service).to_numpy(np.float64)
        + demand["week"].map(of_week).to_numpy(np.float64)
    )
    absent = rng.binomial(appointments, 1 / (1 + np.exp(-logit)))
    frame = demand[["office", "service", "week"]].assign(appointments=appointments, no_shows=absent)
    return frame[frame["appointments"] > 0].reset_index(drop=True)


def _shares(pack: Pack) -> dict[str, float]:
    """Return each office's share of all requests."""
    counters: dict[str, int] = {}
    for office in pack.offices:
        counters[office.region] = counters.get(office.region, 0) + office.counters
    weights = {"branch": 1 - EXPATRIATES, "consulate": EXPATRIATES}
    amounts = {
        office.code: office.counters / counters[office.region] * (pack.region(office.region).population or 0)
        if office.kind == "branch"
        else float(office.counters)
        for office in pack.offices
    }
    totals = {kind: sum(amounts[office.code] for office in pack.offices if office.kind == kind) for kind in weights}
    return {office.code: weights[office.kind] * amounts[office.code] / totals[office.kind] for office in pack.offices}


def _share_of(known: Calendar, code: str) -> Matrix:
    column: Matrix = known.seasons[:, [season.code for season in seasons()].index(code)]
    return column


def _seasonal(known: Calendar, kind: str, felt: Matrix, late: int) -> Matrix:
    sizes = np.array([EFFECTS[kind].get(season.code, 0.0) for season in seasons()])
    effect = np.roll(known.seasons @ (sizes * felt), late)
    smooth: Matrix = np.convolve(np.pad(effect, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return smooth


def _closures(closed: Matrix) -> Matrix:
    caught_up = np.concatenate([[0.0], closed[:-1]])
    effect: Matrix = _CAUGHT_UP * caught_up - _CLOSED * closed
    return effect


def _drifting(rng: np.random.Generator, weeks: int, spread: float) -> Matrix:
    """Return deviations that each keep a part of the week before."""
    shocks: Matrix = spread * np.sqrt(1 - _KEPT**2) * rng.standard_normal(weeks)
    for week in range(1, weeks):
        shocks[week] += _KEPT * shocks[week - 1]
    return shocks


def _jumps(rng: np.random.Generator, weeks: int) -> Matrix:
    happen = rng.random(weeks) < _JUMPS / 52
    steps: Matrix = np.cumsum(np.where(happen, _JUMP * rng.standard_normal(weeks), 0.0))
    return steps


def _announcement(rng: np.random.Generator, weeks: int) -> Matrix:
    """Return the weeks after one announcement, somewhere in the history, in which everybody asks."""
    news = np.zeros(weeks)
    start = int(rng.integers(max(1, weeks - len(_ANNOUNCEMENT))))
    news[start : start + len(_ANNOUNCEMENT)] = _ANNOUNCEMENT[: weeks - start]
    return news
