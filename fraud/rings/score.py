"""How likely a community resells, and an account is its tool: two logistic regressions, whose weights can be read.

The weights in ``weights.toml`` were learned from simulated worlds (`fraud.rings.neighbourhoods`, `fraud.attackers`),
no real ones were seen. A probability is right in the mean where rings are as frequent as there, and its order holds
elsewhere.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fraud.rings.signs import ACCOUNT_SIGNS, RING_SIGNS, Signs

Floats = NDArray[np.float64]

MOST_ODDS: Final = 10.0
"""Of a community, as far as they count for its accounts."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds: ``intercept`` and, for each sign, its weight on ``sign - usual``, by the sign's name.

    ``usual`` is what the sign is among communities that honest people make.
    """

    intercept: float
    weights: Mapping[str, float]
    usual: Mapping[str, float]

    def parts(self, signs: pd.DataFrame) -> pd.DataFrame:
        """Return what each sign adds to the log-odds: a column a sign; what is not known adds nothing."""
        columns = {
            name: (signs[name].astype(float) - self.usual[name]) * weight for name, weight in self.weights.items()
        }
        return pd.DataFrame(columns, index=signs.index).fillna(0.0)

    def log_odds(self, signs: pd.DataFrame) -> Floats:
        """Return the log-odds of each row."""
        return np.asarray(self.intercept + self.parts(signs).sum(axis=1), np.float64)


@dataclass(frozen=True, slots=True)
class Weights:
    """Of communities, and of accounts in them."""

    ring: Linear
    account: Linear


@cache
def shipped() -> Weights:
    """Load the weights that come with this package (see the head of ``weights.toml``)."""
    return read(files("fraud.rings").joinpath("weights.toml").read_text(encoding="utf-8"))


def read(text: str) -> Weights:
    """Read weights as `write` writes them."""
    table = tomllib.loads(text)
    return Weights(_read(table["ring"], RING_SIGNS), _read(table["account"], ACCOUNT_SIGNS))


def write(weights: Weights, about: str) -> str:
    """Write weights as TOML, with a few lines about where they come from."""
    lines = [f"# {line}" for line in about.splitlines()]
    for name, linear in (("ring", weights.ring), ("account", weights.account)):
        lines += ["", f"[{name}]", f"intercept = {linear.intercept:.4f}", "", f"[{name}.signs] # weight, usual value"]
        lines += [f"{sign} = [{weight:.4f}, {linear.usual[sign]:.4f}]" for sign, weight in linear.weights.items()]
    return "\n".join(lines) + "\n"


def probability(log_odds: Floats) -> Floats:
    """Return probabilities for log-odds."""
    return np.asarray(1 / (1 + np.exp(-log_odds.clip(-30, 30))), np.float64)


def judged(signs: Signs, weights: Weights) -> tuple[Floats, Floats]:
    """Return the log-odds of each community and of each account."""
    of_rings = weights.ring.log_odds(signs.rings)
    known = pd.Series(of_rings, index=signs.rings.index)
    odds = known.reindex(signs.accounts["community"]).clip(-MOST_ODDS, MOST_ODDS)
    accounts = signs.accounts.assign(ring=odds.to_numpy())
    return of_rings, weights.account.log_odds(accounts)


def _read(table: Mapping[str, Any], names: tuple[str, ...]) -> Linear:
    signs = table["signs"]
    return Linear(
        intercept=float(table["intercept"]),
        weights={name: float(signs[name][0]) for name in names},
        usual={name: float(signs[name][1]) for name in names},
    )
