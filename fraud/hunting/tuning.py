"""A defence tuned by evidence: policies between attackers' gain, honest people troubled and officers' hours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from fraud.attackers.parameters import BROKER, CAFE, FAMILY, FARM, SHOP, STUDENT, World
from fraud.attackers.tactics import Tactics
from fraud.hunting.ledger import Figures
from fraud.hunting.levers import LEVERS, Defence, moved, today, values_at
from fraud.hunting.pareto import children, front, survivors
from fraud.hunting.record import Record
from fraud.hunting.response import hunted_world
from fraud.hunting.trials import Trial

League = Sequence[Mapping[str, Tactics]]
"""Responses that were found, each with the tactics of every kind: a policy has to do well against all of them."""

GOALS: Final = ("gain", "share", "challenged", "crowds", "refused", "hours")
_CROWDS: Final = (FAMILY.name, STUDENT.name, SHOP.name, CAFE.name)


@dataclass(frozen=True, slots=True)
class Tuning:
    """How hard a defence is searched.

    Parameters
    ----------
    seed
        Of everything; equal arguments give equal fronts.
    tries, at_once
        Policies that are tried, and how many of them in a generation.
    seasons, choosing
        Seasons that each response of the league plays against a policy; and new ones against those on the front, which
        decide what is reported.
    """

    seed: int = 1
    world: World = field(default_factory=hunted_world)
    tries: int = 60
    at_once: int = 12
    seasons: int = 1
    choosing: int = 3


@dataclass(frozen=True)
class Choice:
    """A policy of the front.

    Parameters
    ----------
    numbers
        Of each lever.
    goals
        ``gain``, the best attacker's, in dollars a season (`gain`); ``share`` of places drawn in false names, the worst
        response's; ``challenged`` and ``refused``, shares of honest requests; ``crowds``, the largest share challenged
        among families, campuses, unregistered shops and cafés; ``hours`` of officers a season.
    """

    defence: Defence
    numbers: Mapping[str, float]
    goals: Mapping[str, float]

    def told(self) -> dict[str, Any]:
        """Return it for a file, with rules and limits as texts that can be proposed."""
        rules = self.defence.rules.text() if self.defence.rules else ""
        return {
            "goals": dict(self.goals),
            "numbers": dict(self.numbers),
            "rules": rules,
            "limits": self.defence.limits,
        }


def gain(figures: Figures) -> float:
    """Return what the best attacker of a season gains, in dollars.

    Kinds that use others' names count every place that is paid for. Brokers and farms, whose clients could ask by
    themselves, count what their clients would not have got.
    """
    clients = {BROKER.name, FARM.name}
    gains = [
        found["expected" if kind in clients else "credulous"] for kind, found in figures.items() if "credulous" in found
    ]
    return max(gains, default=0.0)


def goals_of(seasons: Sequence[Figures]) -> dict[str, float]:
    """Return the goals of one response's seasons, in the mean."""
    rows = [
        {
            "gain": gain(figures),
            "share": sum(found.get("share", 0.0) for found in figures.values()),
            "challenged": figures["honest"]["challenged"],
            "crowds": max(figures.get(kind, {}).get("challenged", 0.0) for kind in _CROWDS),
            "refused": figures["honest"]["refused"],
            "hours": figures["officers"]["hours"],
        }
        for figures in seasons
    ]
    return {name: float(np.mean([row[name] for row in rows])) for name in GOALS}


def tune(
    defence: Defence,
    league: League,
    tuning: Tuning,
    record: Record,
    *,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Choice]:
    """Search the levers of a defence for policies that none beats in every goal.

    Returns
    -------
    list of Choice
        The defence as it is first; then the front, least honest people challenged first, as it is on seasons of which
        the search knew nothing.

    Raises
    ------
    OtherHuntError
        The record is of another search.
    LeverError
        The defence lacks one of the numbers.
    """
    chance = np.random.default_rng([tuning.seed, 7])
    generations = max(1, tuning.tries // tuning.at_once)
    seeds = iter(range(2_000_000 + tuning.seed * 10_000, 2_010_000 + tuning.seed * 10_000))
    here = np.array(today(defence))
    points = [here, *(chance.random(len(LEVERS)) for _ in range(tuning.at_once - 1))]
    known: list[np.ndarray] = []
    for generation in range(generations):
        seasons = [next(seeds) for _ in range(tuning.seasons)]
        known = [*known, *points]
        met = meet(_policies(defence, known), league, tuning.world, record, seasons)
        goals = np.array([list(found.values()) for found in met])
        known = [known[row] for row in survivors(goals, tuning.at_once)]
        points = children(known, tuning.at_once, chance)
        tell(generation + 1, generations)
    fresh = [next(seeds) for _ in range(tuning.choosing)]
    known = [here, *(point for point in known if not np.array_equal(point, here))]
    policies = _policies(defence, known)
    found = meet(policies, league, tuning.world, record, fresh)
    best = front(np.array([list(goals.values()) for goals in found]))
    told = [
        Choice(policy, values_at(point.tolist()), goals)
        for policy, point, goals in zip(policies, known, found, strict=True)
    ]
    others = sorted((told[row] for row in best if row), key=lambda choice: choice.goals["challenged"])
    return [told[0], *others]


def _policies(defence: Defence, points: Sequence[np.ndarray]) -> list[Defence]:
    return [moved(defence, point.tolist()) for point in points]


def meet(
    policies: Sequence[Defence], league: League, world: World, record: Record, seeds: Sequence[int]
) -> list[dict[str, float]]:
    """Return the goals of some policies against a league: the worst response's, each goal by itself."""
    worlds = [replace(world, tactics=dict(tactics)) for tactics in league]
    trials = [Trial(seed, one, policy) for policy in policies for one in worlds for seed in seeds]
    figures = iter(record.figures(trials))
    found = []
    for _ in policies:
        each = [goals_of([next(figures) for _ in seeds]) for _ in worlds]
        found.append({name: max(goals[name] for goals in each) for name in GOALS})
    return found
