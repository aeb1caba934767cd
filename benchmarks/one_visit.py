"""One visit for two services: the visits that it saves in a year of draws, and what it costs the engine.

Usage: python -P benchmarks/one_visit.py [REQUESTS]          twelve monthly draws (600 requests each by default)
       python -P benchmarks/one_visit.py engine [REQUESTS]   what the engine takes (100,000 requests by default)

A share of the requests is of one person who needs two services of a quarter of an hour each. They ask for each by
itself ("apart"), for each and to come together ("together"), or for both on one visit ("one visit"). Offices, days,
places and units asked for are the same. "both" is the share of them who get both services in this draw; "visits" is
what they make for all that they get, a visit for each that the draw gave by itself; "others" is the share of all the
other requests that is served. Sizes are compensated as in a real draw. Every plan passes its check.
"""

import sys
from dataclasses import replace
from time import process_time
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocation import Plan, Problem, certify, solve, verify
from allocation.building.samples import country
from allocation.compensate import compensated, even_compensation
from allocation.gather import ALONE, gather

BANDS: Final = 2
OFFICES: Final = {"home_offices": 3, "consulates": 2, "days": 6}
"""So few that a bin of some hundred requests has room for a family, as an office's morning has."""
SECONDS: Final = 3


class Year(NamedTuple):
    """Counts of a way to ask, over all draws."""

    needs: int = 0
    both: int = 0
    services: int = 0
    visits: int = 0
    others: int = 0
    served: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Year":  # type: ignore[override]
        return Year(*(one + more for one, more in zip(self, other, strict=True)))


def main() -> None:
    """Print one of the two tables."""
    if sys.argv[1:2] == ["engine"]:
        engine(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    else:
        year(int(sys.argv[1]) if len(sys.argv) > 1 else 600)


def year(requests: int) -> None:
    """Compare the three ways to ask."""
    headings = ("demand", "need two", "way", "people", "both", "services", "visits", "a service", "others")
    print("".join(f"{name:>12}" for name in headings))
    for demand in (1.1, 2.0):
        for share in (0.05, 0.1, 0.2):
            ways = {"apart": Year(), "together": Year(), "one visit": Year()}
            for month in range(12):
                problem = country(requests, seed=month, demand=demand, bands=BANDS, **OFFICES)
                needs = chosen(problem, share, month)
                apart, link = asked_apart(problem, needs)
                apart = fair(apart)
                plan = checked(apart, solve(apart, seconds=SECONDS))
                met = checked(apart, gather(apart, plan, link=link, visit=visit_of_bin(apart)))
                one = fair(asked_at_once(problem, needs))
                ways["apart"] += counted(apart, plan, needs, apart=True)
                ways["together"] += counted(apart, met, needs, apart=True)
                ways["one visit"] += counted(one, checked(one, solve(one, seconds=SECONDS)), needs, apart=False)
            for way, found in ways.items():
                print(
                    f"{demand:12.1f}{share:12.0%}{way:>12}{found.needs:12,}{found.both / found.needs:12.1%}"
                    f"{found.services:12,}{found.visits:12,}{found.visits / found.services:12.3f}"
                    f"{found.served / found.others:12.2%}",
                    flush=True,
                )


def engine(requests: int) -> None:
    """Solve the same draw without and with people who need two services on one visit."""
    print("".join(f"{name:>12}" for name in ("need two", "units", "served", "gap", "processor s")))
    problem = country(requests, seed=1, bands=BANDS)
    solve(country(100, seed=1), seconds=1)  # compiled now
    for share in (0.0, 0.1, 0.2):
        one = asked_at_once(problem, chosen(problem, share, 1))
        began = process_time()
        plan = solve(one, seconds=SECONDS)
        took = process_time() - began
        checked(one, plan)
        units, served = int(one.units.sum()), int((plan.bin_of_request >= 0).sum())
        print(f"{share:12.0%}{units:12,}{served:12,}{plan.gap:12.4%}{took:12.1f}", flush=True)


def fair(problem: Problem) -> Problem:
    """Return the problem with the compensation that a draw finds by itself."""
    return compensated(problem, even_compensation(problem))


def chosen(problem: Problem, share: float, seed: int) -> NDArray[np.int64]:
    """Choose people of their own who need a second service, so many that they are that share of all requests."""
    alone = np.flatnonzero((problem.party == 1) & (problem.units == 1))
    count = min(alone.size, round(share * problem.requests))
    return np.sort(np.random.default_rng(seed).choice(alone, count, replace=False))


def asked_at_once(problem: Problem, needs: NDArray[np.int64]) -> Problem:
    """Let each of them ask for one visit that takes as long as both services."""
    units = problem.units.copy()
    units[needs] *= 2
    return replace(problem, units=units)


def asked_apart(problem: Problem, needs: NDArray[np.int64]) -> tuple[Problem, NDArray[np.int32]]:
    """Let each of them ask twice for the same offices and days, with one lottery number; and who belongs together."""
    like = np.concatenate([np.arange(problem.requests), needs])
    counts = np.diff(problem.first_pair)[like]
    rows = np.repeat(problem.first_pair[like], counts) + np.concatenate([np.arange(count) for count in counts])
    order = np.empty(like.size, np.int32)
    order[np.argsort(problem.order[like], kind="stable")] = np.arange(like.size)
    link = np.full(like.size, ALONE, np.int32)
    link[needs] = link[problem.requests :] = np.arange(needs.size)
    twice = Problem(
        pair_request=np.repeat(np.arange(like.size), counts).astype(np.int32),
        pair_bin=problem.pair_bin[rows],
        pair_rank=problem.pair_rank[rows],
        pair_late=problem.pair_late[rows],
        pair_cost=problem.pair_cost[rows],
        party=problem.party[like],
        units=problem.units[like],
        tier=problem.tier[like],
        order=order,
        places=problem.places,
    )
    return twice, link


def counted(problem: Problem, plan: Plan, needs: NDArray[np.int64], *, apart: bool) -> Year:
    """Count what a plan gives to those who need two services, and to the others."""
    visit = np.append(visit_of_bin(problem), -1)[plan.bin_of_request]
    requests = problem.requests - needs.size if apart else problem.requests
    first = visit[needs]
    second = visit[requests:] if apart else first
    others = np.setdiff1d(np.arange(requests), needs)
    return Year(
        needs=needs.size,
        both=int(((first >= 0) & (second >= 0)).sum()),
        services=int((first >= 0).sum() + (second >= 0).sum()),
        visits=int((first >= 0).sum() + ((second >= 0) & (second != first)).sum()),
        others=others.size,
        served=int((visit[others] >= 0).sum()),
    )


def visit_of_bin(problem: Problem) -> NDArray[np.int32]:
    """Return the office and day of each bin, as one number."""
    visits: NDArray[np.int32] = (np.arange(problem.bins) // BANDS).astype(np.int32)
    return visits


def checked(problem: Problem, plan: Plan) -> Plan:
    """Return a plan that passes its check."""
    if not verify(problem, plan, certify(problem, plan)).ok:
        raise SystemExit("the plan does not pass its check")
    return plan


if __name__ == "__main__":
    main()
