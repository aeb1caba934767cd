"""Learn the weights of rings' scores anew, and print them: ``./run bench ring_weights > fraud/rings/weights.toml``.

Two logistic regressions on the communities, and their accounts, of invented neighbourhoods and of seasons' training
seeds (`benchmarks.ring_worlds.LEARNED_FROM`): is the larger part of a community an attacker's own accounts, is an
account?
"""

import pandas as pd
from sklearn.linear_model import LogisticRegression

from benchmarks.ring_worlds import LEARNED_FROM, neighbourhood, season
from fraud.rings.find import look
from fraud.rings.score import MOST_ODDS, Linear, Weights, write
from fraud.rings.signs import ACCOUNT_SIGNS, RING_SIGNS

STRENGTH = 0.3  # of the pull towards no weight, as scikit-learn's C: a sign that hardly helps says hardly anything
ABOUT = """Weights of rings and of their accounts: see fraud/rings/score.py. Learned from simulated worlds by
`./run bench ring_weights`; no real bookings were seen."""


def known(bookings: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the communities of some bookings and their accounts, with ``own``: whether they are an attacker's."""
    seen = look(bookings)
    own = bookings.groupby("account")["own"].any()
    accounts = seen.signs.accounts
    accounts = accounts.assign(own=own.reindex(seen.accounts[accounts.index]).to_numpy(bool))
    share = accounts.groupby("community")["own"].mean()
    return seen.signs.rings.assign(own=share >= 1 / 3), accounts


def fitted(signs: pd.DataFrame, own: "pd.Series[bool]", names: tuple[str, ...]) -> Linear:
    """Fit log-odds; weights are for the signs as they are, ``usual`` is their mean among what is honest."""
    values = signs[list(names)].astype(float)
    usual, spread = values[~own].mean(), values.std().replace(0, 1)
    model = LogisticRegression(C=STRENGTH, max_iter=2_000).fit(((values - usual) / spread).fillna(0.0), own)
    weights = model.coef_[0] / spread.to_numpy()
    return Linear(
        float(model.intercept_[0]),
        dict(zip(names, weights.tolist(), strict=True)),
        {name: float(usual[name]) for name in names},
    )


def learned() -> Weights:
    """Learn from all worlds."""
    worlds = [neighbourhood(seed) for seed in LEARNED_FROM["neighbourhoods"]]
    worlds += [season(seed) for seed in LEARNED_FROM["seasons"]]
    found = [known(world) for world in worlds]
    rings = pd.concat([one for one, _ in found], ignore_index=True)
    of_rings = fitted(rings, rings["own"], RING_SIGNS)
    accounts = []
    for communities, members in found:
        odds = pd.Series(of_rings.log_odds(communities), index=communities.index)
        accounts.append(members.assign(ring=odds.reindex(members["community"]).clip(-MOST_ODDS, MOST_ODDS).to_numpy()))
    everyone = pd.concat(accounts, ignore_index=True)
    return Weights(of_rings, fitted(everyone, everyone["own"], ACCOUNT_SIGNS))


if __name__ == "__main__":
    print(write(learned(), ABOUT), end="")
