"""The best response: all kinds search at once for the tactics that serve them best against one defence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from cmaes import CMA

from fraud.attackers.parameters import CAFE, SINGLE, World
from fraud.attackers.tactics import Tactics
from fraud.hunting.ledger import Figures, mean_of
from fraud.hunting.levers import Defence
from fraud.hunting.record import Record
from fraud.hunting.space import DIALS, START, point_of, tactics_at
from fraud.hunting.trials import Trial

Aim = Literal["profit", "credulous", "share"]

_SEARCHED: Final[Mapping[Aim, str]] = {"profit": "expected", "credulous": "credulous", "share": "share"}
"""The figure by which tactics are compared: the lot's luck would hide small differences."""

JUDGING_SEEDS: Final = tuple(range(201, 211))
"""Seasons by which what was found is judged: nothing was searched or tuned on them."""

_STEP: Final = 0.3
_EDGE: Final = 0.02
_MOST: Final = 2**31


def hunted_world(people: int = 2_000, days: int = 14, demand: float = 2.0) -> World:
    """Return a season to hunt in: small, with cafés, and without codes that are asked for to earn.

    Of the honest who hand a place back six in ten ask again, and they move a tenth of their places: what counts places
    by the person would look harmless else.
    """
    shares = dict(World().shares)
    shares |= {SINGLE.name: shares[SINGLE.name] - 0.03, CAFE.name: 0.03}
    return World(people=people, days=days, demand=demand, pumped=0, shares=shares, returning=0.6, moving=0.1)


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard a hunt searches.

    Parameters
    ----------
    seed
        Of everything; equal settings give equal results.
    world
        The season; its tactics are replaced by those that are tried.
    aim
        What attackers want: ``profit`` from buyers who pay for what they would not have got alone, from ``credulous``
        ones who pay for every place, or the largest ``share`` of the places, whatever it costs.
    tries, at_once, seasons
        Tactics tried for each kind, how many of them at a time, and seasons that each of these is played.
    finalists, choosing
        The best found are played again on so many new seasons; the best of these is the response.
    judging
        Seeds of the seasons that it is reported on.
    """

    seed: int = 1
    world: World = field(default_factory=hunted_world)
    aim: Aim = "profit"
    tries: int = 96
    at_once: int = 8
    seasons: int = 2
    finalists: int = 3
    choosing: int = 4
    judging: Sequence[int] = JUDGING_SEEDS

    @property
    def generations(self) -> int:
        """How often the searches move."""
        return max(1, self.tries // self.at_once)


@dataclass(frozen=True, slots=True)
class Response:
    """What attackers do best against a defence.

    Parameters
    ----------
    tactics
        Of each kind.
    curve
        For each kind the aim in the mean of each generation's tactics, which play the same seasons.
    judged
        The figures of each season that it is reported on.
    """

    tactics: Mapping[str, Tactics]
    curve: Mapping[str, Sequence[float]]
    judged: Sequence[Figures]

    def told(self) -> dict[str, Any]:
        """Return it as numbers and words for a file: ``mean`` and ``worst`` are over the judged seasons."""
        mean = mean_of(self.judged)
        worst = {
            kind: {name: max(one.get(kind, {}).get(name, 0.0) for one in self.judged) for name in found}
            for kind, found in mean.items()
        }
        tactics = {
            kind: {dial.name: getattr(tactics, dial.name) for dial in DIALS[kind]}
            for kind, tactics in self.tactics.items()
        }
        return {
            "tactics": tactics,
            "curve": {kind: list(curve) for kind, curve in self.curve.items()},
            "mean": mean,
            "worst": worst,
        }


def hunt(
    defence: Defence,
    settings: Settings,
    record: Record,
    *,
    begin: Mapping[str, Tactics] = START,
    tell: Callable[[int, int, Mapping[str, float]], None] = lambda _done, _of, _middle: None,
) -> Response:
    """Search for the best response of every kind in ``begin`` to a defence.

    The kinds play in the same seasons, each with an evolution strategy of its own (CMA-ES, Hansen 2016). All tactics of
    a generation meet the same seasons, every generation meets new ones: no tactics win by the luck of one season. The
    response is chosen and then judged on seasons of which no search knew.

    Parameters
    ----------
    tell
        Is told, after each generation, how many there were, of how many, and the mean aim of each kind.

    Raises
    ------
    OtherHuntError
        The record is of another hunt.
    """
    searches = {
        kind: _Search(kind, start, settings, seed=settings.seed * 100 + place)
        for place, (kind, start) in enumerate(begin.items())
    }
    seeds = iter(_seeds(settings))
    for generation in range(settings.generations):
        asked = {kind: search.ask() for kind, search in searches.items()}
        seasons = [next(seeds) for _ in range(settings.seasons)]
        found = _played(defence, settings, record, asked, seasons)
        for kind, search in searches.items():
            search.tell(asked[kind], [one[kind][_SEARCHED[settings.aim]] for one in found])
        tell(generation + 1, settings.generations, {kind: search.curve[-1] for kind, search in searches.items()})
    chosen = _chosen(defence, settings, record, searches, [next(seeds) for _ in range(settings.choosing)])
    world = replace(settings.world, tactics=chosen)
    judged = record.figures([Trial(seed, world, defence) for seed in settings.judging])
    return Response(chosen, {kind: search.curve for kind, search in searches.items()}, judged)


class _Search:
    """The search of one kind, and what it found so far."""

    def __init__(self, kind: str, start: Tactics, settings: Settings, *, seed: int) -> None:
        self._kind, self._start = kind, start
        middle = np.clip(np.array(point_of(kind, start)), _EDGE, 1 - _EDGE)
        bounds = np.tile([0.0, 1.0], (len(middle), 1))
        self._cma = CMA(middle, _STEP, bounds=bounds, seed=seed % _MOST, population_size=settings.at_once)
        self._points: list[np.ndarray] = []
        self._best: list[tuple[float, Tactics]] = []
        self.curve: list[float] = []

    def ask(self) -> list[Tactics]:
        self._points = [self._cma.ask() for _ in range(self._cma.population_size)]
        return [tactics_at(self._kind, point.tolist()) for point in self._points]

    def tell(self, asked: Sequence[Tactics], values: Sequence[float]) -> None:
        self._cma.tell([(point, -value) for point, value in zip(self._points, values, strict=True)])
        middle = float(np.mean(values))
        # Seasons differ: tactics are compared by how far they are above those that played the same ones.
        self._best += [(value - middle, tactics) for value, tactics in zip(values, asked, strict=True)]
        self.curve.append(middle)

    def finalists(self, number: int) -> list[Tactics]:
        """Return where the search stands, the best of its last third, and where it began."""
        late = self._best[-max(len(self._best) // 3, number) :]
        best = [tactics for _, tactics in sorted(late, key=lambda one: -one[0])[:number]]
        here = tactics_at(self._kind, np.clip(self._cma.mean, 0, 1).tolist())
        return [here, *best, self._start]


def _played(
    defence: Defence, settings: Settings, record: Record, asked: Mapping[str, Sequence[Tactics]], seeds: Sequence[int]
) -> list[Figures]:
    """Play the tactics of all kinds side by side: the first of each kind together, and so on; means over the seeds."""
    together = [dict(zip(asked, row, strict=True)) for row in zip(*asked.values(), strict=True)]
    trials = [Trial(seed, replace(settings.world, tactics=one), defence) for one in together for seed in seeds]
    figures = record.figures(trials)
    return [mean_of(figures[first : first + len(seeds)]) for first in range(0, len(figures), len(seeds))]


def _chosen(
    defence: Defence, settings: Settings, record: Record, searches: Mapping[str, _Search], seeds: Sequence[int]
) -> dict[str, Tactics]:
    finalists = {kind: search.finalists(settings.finalists) for kind, search in searches.items()}
    found = _played(defence, settings, record, finalists, seeds)
    return {
        kind: max(zip(finalists[kind], found, strict=True), key=lambda one: one[1][kind][_SEARCHED[settings.aim]])[0]
        for kind in searches
    }


def _seeds(settings: Settings) -> range:
    """Return the seeds of all seasons that are searched: far from those that are judged, others for each hunt."""
    first = 1_000_000 + settings.seed * 10_000
    return range(first, first + settings.generations * settings.seasons + settings.choosing)


def described(settings: Settings) -> dict[str, Any]:
    """Return the settings for a file."""
    world = asdict(settings.world)
    world.pop("tactics")
    return {name: value for name, value in asdict(settings).items() if name != "world"} | {"world": world}
