"""Seasons summed up by kind: what attackers got and paid, which honest people the gate troubled, and the targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from fraud.attackers.agents import DAY
from fraud.attackers.costs import bills, pumping
from fraud.attackers.country import raced
from fraud.attackers.parameters import BOT, BROKER, CLAIMER, FARM, HOARDER, ROTATING, SQUATTER
from fraud.attackers.season import Played
from fraud.scoring.evaluate import Z_95, wilson

PLACED: Final = ("drawn", "served", "no_show", "cancelled", "lapsed", "moved")
"""States of requests that a draw gave places to, whatever became of them."""

KEPT: Final = ("drawn", "served", "no_show")
"""Of these, places that were not given back."""

TARGETS: Final = {
    "bots' share of places": 0.01,
    "squatters' share of places": 0.001,
    "hoarders' share of places": 0.01,
    "hoarders' share of places kept": 0.01,
    "honest requests refused": 0.001,
    "honest requests challenged": 0.03,
}
"""Each must stay below this; brokers' and farms' chance, in parts of an honest person's, must not be above one."""


_COUNTED: Final = {
    "tries": "tries",
    "met_limit": "limited",
    "turned_away": "refused",
    **{name: name for name in ("challenged", "unpassed", "reviewed", "caught", "places", "kept")},
}
_TROUBLES: Final = {
    "limited": "met_limit",
    **{name: name for name in ("challenged", "unpassed", "reviewed", "refused", "counter", "blocked")},
}


@dataclass(frozen=True, slots=True)
class Report:
    """Tables over all seasons.

    Parameters
    ----------
    attackers
        By kind: ``requests``, ``tries``, ``limited`` (requests that met a limit), ``refused`` by registers, for want of
        a proof, or by the live request, ``challenged``, ``unpassed``, ``reviewed``, ``caught`` by an officer,
        ``places`` drawn, ``kept`` of them; ``share`` of all places drawn, and what it would be in a race behind the
        same gate (``race``) and without any (``open_race``); ``chance`` in parts of an honest person's who asked on the
        same day, with its 95 % interval; ``minutes``, ``money`` and ``money_per_place``. Counts are means of the
        seasons.
    honest
        By kind and for all: requests (mean of the seasons) and the shares ``limited``, ``challenged``, ``unpassed``,
        ``reviewed``, ``refused``, sent to a ``counter``, ``blocked`` by somebody else's request, each with its 95 %
        interval (Wilson); ``chance`` as above. The row "squatted" has those whose numbers squatters tried.
    pumping
        Codes asked for and sent in a season, what they cost and brought in, and what they cost us.
    targets
        ``mean`` and ``worst`` of the seasons against the ``target``, and whether both are ``met``.
    """

    attackers: pd.DataFrame
    honest: pd.DataFrame
    pumping: pd.Series
    targets: pd.DataFrame


def report(played: Played | Sequence[Played]) -> Report:
    """Sum up one season or several."""
    seasons = [played] if isinstance(played, Played) else list(played)
    logs = [_flagged(season) for season in seasons]
    every = pd.concat(logs, keys=range(len(logs)), names=["season", None])
    costs = pd.concat([bills(season.asks) for season in seasons]).groupby(level="kind").sum()
    return Report(
        _attackers(every, costs, len(seasons)),
        _honest(every, len(seasons)),
        pd.DataFrame([pumping(season.pumped, season.pumped_sent) for season in seasons]).mean(),
        _targets(logs),
    )


def _flagged(season: Played) -> pd.DataFrame:
    """Add to a log what became of each ask as flags, and the chance of an honest person who asked on the same day."""
    asks = season.asks
    places = season.world.places
    through = asks["state"].isin((*PLACED, "not drawn", "accepted"))
    placed = asks["state"].isin(PLACED)
    flagged = asks.assign(
        met_limit=asks["limited"] > 0,
        turned_away=asks["state"].isin(("already live", "unproven", "contested")) | (asks["decision"] == "refuse"),
        challenged=asks["decision"] == "challenge",
        unpassed=asks["state"] == "unpassed",
        reviewed=asks["decision"] == "review",
        caught=asks["officer"] == "refused",
        refused=(asks["decision"] == "refuse") | (asks["officer"] == "refused"),
        places=asks["party"] * placed,
        counter=asks["counter"] > 0,
        kept=asks["party"] * asks["state"].isin(KEPT),
        raced=asks["party"] * raced(asks, places=places, may=through.to_numpy()),
        raced_open=asks["party"] * raced(asks, places=places, may=np.ones(len(asks), dtype=bool)),
    )
    day = asks["at"] // DAY
    honest = flagged[flagged["honest"]]
    chances = honest.groupby(day[honest.index])[["places", "party"]].sum()
    flagged["chance"] = day.map(chances["places"] / chances["party"]).fillna(0.0)
    return flagged


def _attackers(every: pd.DataFrame, costs: pd.DataFrame, seasons: int) -> pd.DataFrame:
    hostile = every[~every["honest"]]
    grouped = hostile.groupby("kind")
    counts = grouped[list(_COUNTED)].sum().rename(columns=_COUNTED) / seasons
    shares_of_places = {
        name: grouped[column].sum() / every[column].sum()
        for name, column in {"share": "places", "race": "raced", "open_race": "raced_open"}.items()
    }
    table = counts.assign(**shares_of_places).join(_chances(hostile))
    table.insert(0, "requests", grouped.size() / seasons)
    costs = costs / seasons
    return table.join(costs[["minutes", "money"]]).assign(money_per_place=costs["money"] / table["places"])


def _honest(every: pd.DataFrame, seasons: int) -> pd.DataFrame:
    honest = every[every["honest"]]
    squatted = honest[honest["squatted"]].assign(kind="squatted")
    twice = pd.concat([honest.assign(kind="all honest"), honest, squatted])
    grouped = twice.groupby("kind", sort=False)
    table = pd.DataFrame({"requests": grouped.size() / seasons})
    for name, column in _TROUBLES.items():
        table = table.join(shares(grouped[column].sum(), grouped.size()).add_prefix(f"{name}_"))
    return table.join(_chances(twice))


def shares(some: pd.Series, of: pd.Series) -> pd.DataFrame:
    """Return the shares ``some / of`` with their 95 % intervals: ``share``, ``low``, ``high`` (Wilson 1927)."""
    bounds = [wilson(*counts) for counts in zip(some, of, strict=True)]
    table = pd.DataFrame(bounds, index=some.index, columns=["low", "high"], dtype=float)
    table.insert(0, "share", some / of)
    return table


def _chances(asks: pd.DataFrame) -> pd.DataFrame:
    """Return by kind the places got against those that honest people with as many requests on the same days get."""
    party, chance = asks["party"], asks["chance"]
    sums = (
        asks.assign(expected=party * chance, variance=party**2 * chance * (1 - chance))
        .groupby("kind")[["places", "expected", "variance"]]
        .sum()
    )
    ratio, half = sums["places"] / sums["expected"], Z_95 * np.sqrt(sums["variance"]) / sums["expected"]
    return pd.DataFrame({"chance": ratio, "chance_low": ratio - half, "chance_high": ratio + half})


def _targets(logs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    figures = pd.DataFrame([_figures(log) for log in logs])
    table = pd.DataFrame({"mean": figures.mean(), "worst": figures.max(), "target": pd.Series(TARGETS)})
    table["met"] = (table["mean"] < table["target"]) & (table["worst"] < table["target"])
    for name, kind in {"brokers' chance": BROKER.name, "farms' chance": FARM.name}.items():
        theirs = [log[log["kind"] == kind] for log in logs]
        each, pooled = pd.concat([_chances(log) for log in theirs])["chance"], _chances(pd.concat(theirs))
        table.loc[name] = [each.mean(), each.max(), 1.0, bool((pooled["chance_low"] <= 1).all())]
    return table


def _figures(log: pd.DataFrame) -> dict[str, float]:
    honest, all_places = log[log["honest"]], log["places"].sum()
    share = log.groupby("kind")["places"].sum() / all_places
    return {
        "bots' share of places": share.get(BOT.name, 0.0) + share.get(ROTATING.name, 0.0),
        "squatters' share of places": share.get(SQUATTER.name, 0.0) + share.get(CLAIMER.name, 0.0),
        "hoarders' share of places": share.get(HOARDER.name, 0.0),
        "hoarders' share of places kept": log.loc[log["kind"] == HOARDER.name, "kept"].sum() / log["kept"].sum(),
        "honest requests refused": honest["refused"].mean(),
        "honest requests challenged": honest["challenged"].mean(),
    }
