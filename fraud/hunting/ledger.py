"""What a season brought each kind of attacker, and what it cost honest people and officers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from fraud.attackers.agents import DAY
from fraud.attackers.country import raced
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
Rows = Mapping[str, npt.NDArray[Any]]
"""Some requests: what the ledger reads of each, by name."""
_READ: Final = (
    *("account", "officer", "state", "buys", "got", "usual", "likely", "taken", "role", "placed", "number", "party"),
    *("tries", "form_seconds", "codes", "phone", "helper", "person", "known", "proof_seconds", "decision", "honest"),
)


def drawn_figures(asks: pd.DataFrame, prices: Prices = PRICES) -> Figures:
    """Return the figures of a season in which a draw gave the places.

    Parameters
    ----------
    asks
        The log of a season (`fraud.attackers.season.log_of`).

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
    rows = {name: asks[name].to_numpy() for name in _READ}
    of_kind = {str(name): np.flatnonzero(asks["kind"] == name) for name in sorted(set(asks["kind"]))}
    attacks = {name: which[~rows["honest"][which]] for name, which in of_kind.items()}
    everything = max(1.0, float(rows["taken"].sum()))
    found: Figures = {
        name: _profit(_some(rows, which), KINDS[name], prices, everything)
        for name, which in attacks.items()
        if len(which)
    }
    troubled = {name: which[rows["honest"][which]] for name, which in of_kind.items()}
    found |= {name: _troubles(_some(rows, which)) for name, which in troubled.items() if len(which)}
    cases = float((rows["decision"] == "review").sum())
    troubles = _troubles(_some(rows, np.flatnonzero(rows["honest"])))
    return found | {"honest": troubles, "officers": {"cases": cases, "hours": cases * CASE_MINUTES / 60}}


def _some(rows: Rows, which: npt.NDArray[np.intp]) -> Rows:
    return {name: column[which] for name, column in rows.items()}


def _profit(mine: Rows, kind: Kind, prices: Prices, everything: float) -> dict[str, float]:
    lost = set(mine["account"][(mine["officer"] == "refused") | (mine["state"] == "contested")])
    buyers = mine["buys"] & np.array([account not in lost for account in mine["account"]], dtype=bool)
    paid = float(mine["got"][buyers].sum())
    # Who does not pay takes nothing off either.
    alone = 0.0 if kind.name in OWNERS_PAY else float(mine["usual"][buyers].sum())
    money = _money(mine, kind, prices, len(lost))
    false = np.isin(mine["role"].astype(str), list(_FALSE))
    return {
        "profit": prices.place * (paid - alone) - money,
        "expected": prices.place * (float(mine["likely"][buyers].sum()) - alone) - money,
        "credulous": prices.place * paid - money,
        "sold": paid - alone,
        "paid": paid,
        "money": money,
        "places": float(mine["taken"].sum()),
        "share": float(mine["taken"][false].sum()) / everything,
    }


def _money(mine: Rows, kind: Kind, prices: Prices, lost: int) -> float:
    """Add up phones, addresses, identities, computing, people's time, and what found-out accounts lose."""
    means = kind.means
    assert means is not None, kind.name  # noqa: S101 - only attackers have a ledger
    served = mine["placed"] if kind.name in OWNERS_PAY else mine["number"] >= 0
    minutes = CLIENT_MINUTES * float(mine["party"][(mine["buys"] | (mine["role"] == "cover")) & served].sum())
    if means.by_hand:
        minutes += float((mine["tries"] * mine["form_seconds"]).sum()) / 60
        minutes += prices.code_minutes * float(mine["codes"].sum())
    fronts = len(set(mine["phone"][mine["helper"]]))
    return float(
        (len(set(mine["phone"])) + lost) * means.phone
        + fronts * prices.front
        + mine["tries"].sum() * means.address
        + _identities(mine, kind) * means.identity
        + mine["proof_seconds"].sum() * prices.cpu_second
        + minutes * prices.human_minute
    )


def _identities(mine: Rows, kind: Kind) -> int:
    """Count the names that were listed, or the people that a kind's own requests were for, each person's largest."""
    if kind.name in OWNERS_PAY:
        return len(set(mine["person"]))
    own = mine["known"] & (mine["role"] == "")
    persons, place = np.unique(mine["person"][own], return_inverse=True)
    most = np.zeros(len(persons), dtype=np.int64)
    np.maximum.at(most, place, mine["party"][own])
    return int(most.sum())


def _troubles(some: Rows) -> dict[str, float]:
    decision, requests = some["decision"], len(some["decision"])
    shares = {
        "challenged": decision == "challenge",
        "reviewed": decision == "review",
        "refused": (decision == "refuse") | (some["officer"] == "refused"),
    }
    return {"requests": float(requests)} | {
        name: float(flags.sum()) / requests if requests else math.nan for name, flags in shares.items()
    }


def mean_of(figures: Sequence[Figures]) -> Figures:
    """Return the mean of the seasons, each figure by itself; a kind that a season lacks counts as nothing there."""
    names = list(dict.fromkeys((kind, name) for one in figures for kind, found in one.items() for name in found))
    told: Figures = {}
    for kind, name in names:
        values = [one.get(kind, {}).get(name, 0.0) for one in figures]
        told.setdefault(kind, {})[name] = float(np.mean(values))
    return told
