"""What a season brought each kind of attacker, and what it cost honest people and officers."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from fraud.attackers.agents import DAY
from fraud.attackers.allotment import raced
from fraud.attackers.parameters import CLAIMER, KINDS, PRICES, SQUATTER, Kind, Prices, World
from fraud.attackers.report import KEPT, PLACED

Figures = dict[str, dict[str, float]]

CASE_MINUTES: Final = 6.0
"""Of an officer, for a request that is looked at."""
CLIENT_MINUTES: Final = 15.0
"""Of the attacker's people, to win and serve somebody who pays."""
_PAY: Final = frozenset({"client", "buyer", "owner"})
_FALSE: Final = frozenset({"", "owner"})
OWNERS_PAY: Final = frozenset({SQUATTER.name, CLAIMER.name})


def drawn_figures(asks: pd.DataFrame, prices: Prices = PRICES) -> Figures:
    """Return the figures of a season in which a draw gave the places.

    Parameters
    ----------
    asks
        The log of a season (`fraud.attackers.log.log_of`).

    Returns
    -------
    dict
        For each kind of attacker: ``profit``; ``expected``, the same with the luck of the lot taken out: each request
        that came into a draw counts as what all such requests of its day got; ``credulous``, what it would be if each
        buyer paid the whole price, whatever they had got without; ``sold`` places beyond those that buyers would have
        got by asking themselves, ``paid`` places of buyers, ``money`` spent, ``places`` drawn, and the ``share`` of all
        places that was drawn in the names of people who do not know of it or lent them. For each honest kind and for
        ``honest``, all of them: ``requests``, and the shares ``challenged``, ``reviewed`` and ``refused``.
        ``officers`` have ``cases`` and ``hours``.
    """
    placed = asks["state"].isin(PLACED)
    owned = asks["kind"].isin(OWNERS_PAY)
    got = asks["party"] * np.where(owned, asks["state"].isin(KEPT), placed)
    through = asks["state"].isin((*PLACED, "not drawn", "accepted"))
    day = asks["at"] // DAY
    lots = asks[through].assign(drawn=asks["party"] * placed).groupby(day[through])[["drawn", "party"]].sum()
    lot = asks["party"] * (day.map(lots["drawn"] / lots["party"]).fillna(0.0)) * through
    likely, buys = np.where(owned, got, lot), asks["role"].isin(_PAY)
    return _figures(asks.assign(got=got, likely=likely, placed=placed, buys=buys), prices)


def raced_figures(asks: pd.DataFrame, world: World, prices: Prices = PRICES) -> Figures:
    """Return the figures of a season whose places went to the first who came, and none was looked at.

    A place that is to be resold goes to its buyer at once: it is given up and taken again in the same second.
    """
    won = raced(asks, places=world.places, may=np.ones(len(asks), dtype=bool))
    got = asks["party"] * won
    return _figures(asks.assign(got=got, likely=got, placed=won, buys=asks["role"].isin(_PAY) | asks["resold"]), prices)


def _figures(asks: pd.DataFrame, prices: Prices) -> Figures:
    honest, day = asks[asks["honest"]], asks["at"] // DAY
    chances = honest.groupby(day[honest.index])[["got", "party"]].sum()
    usual = day.map(chances["got"] / chances["party"]).fillna(0.0)
    asks = asks.assign(usual=usual * asks["party"], taken=asks["party"] * asks["placed"])
    everything = max(1.0, float(asks["taken"].sum()))
    found: Figures = {
        str(name): _profit(mine, KINDS[str(name)], prices, everything)
        for name, mine in asks[~asks["honest"]].groupby("kind")
    }
    found |= {str(name): _troubles(some) for name, some in honest.groupby("kind")}
    cases = float((asks["decision"] == "review").sum())
    return found | {"honest": _troubles(honest), "officers": {"cases": cases, "hours": cases * CASE_MINUTES / 60}}


def _profit(mine: pd.DataFrame, kind: Kind, prices: Prices, everything: float) -> dict[str, float]:
    lost = mine.loc[(mine["officer"] == "refused") | (mine["state"] == "contested"), "account"]
    buyers = mine[mine["buys"] & ~mine["account"].isin(set(lost))]
    paid = float(buyers["got"].sum())
    # Who does not pay takes nothing off either.
    alone = 0.0 if kind.name in OWNERS_PAY else float(buyers["usual"].sum())
    money = _money(mine, kind, prices, lost.nunique())
    return {
        "profit": prices.place * (paid - alone) - money,
        "expected": prices.place * (float(buyers["likely"].sum()) - alone) - money,
        "credulous": prices.place * paid - money,
        "sold": paid - alone,
        "paid": paid,
        "money": money,
        "places": float(mine["taken"].sum()),
        "share": float(mine.loc[mine["role"].isin(_FALSE), "taken"].sum()) / everything,
    }


def _money(mine: pd.DataFrame, kind: Kind, prices: Prices, lost: int) -> float:
    """Add up phones, addresses, identities, computing, people's time, and what found-out accounts lose."""
    means = kind.means
    assert means is not None, kind.name  # noqa: S101 - only attackers have a ledger
    own = mine[mine["known"] & (mine["role"] == "")]
    listed = mine["person"].nunique() if kind.name in OWNERS_PAY else int(own.groupby("person")["party"].max().sum())
    served = mine["placed"] if kind.name in OWNERS_PAY else mine["number"] >= 0
    minutes = CLIENT_MINUTES * float(mine.loc[(mine["buys"] | (mine["role"] == "cover")) & served, "party"].sum())
    if means.by_hand:
        minutes += float((mine["tries"] * mine["form_seconds"]).sum()) / 60
        minutes += prices.code_minutes * float(mine["codes"].sum())
    fronts = mine.loc[mine["helper"], "phone"].nunique()
    return float(
        (mine["phone"].nunique() + lost) * means.phone
        + fronts * prices.front
        + mine["tries"].sum() * means.address
        + listed * means.identity
        + mine["proof_seconds"].sum() * prices.cpu_second
        + minutes * prices.human_minute
    )


def _troubles(some: pd.DataFrame) -> dict[str, float]:
    refused = (some["decision"] == "refuse") | (some["officer"] == "refused")
    return {
        "requests": float(len(some)),
        "challenged": float((some["decision"] == "challenge").mean()),
        "reviewed": float((some["decision"] == "review").mean()),
        "refused": float(refused.mean()),
    }


def mean_of(figures: Sequence[Figures]) -> Figures:
    """Return the mean of the seasons, each figure by itself; a kind that a season lacks counts as nothing there."""
    names = list(dict.fromkeys((kind, name) for one in figures for kind, found in one.items() for name in found))
    told: Figures = {}
    for kind, name in names:
        values = [one.get(kind, {}).get(name, 0.0) for one in figures]
        told.setdefault(kind, {})[name] = float(np.mean(values))
    return told
