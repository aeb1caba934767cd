"""A labelled history from seasons that were played by rules alone, as a new installation's first months would be."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fraud.attackers.gatehouse import START
from fraud.attackers.parameters import KINDS, World
from fraud.attackers.season import Played, play
from fraud.scoring.artifact import Artifact
from fraud.scoring.model import fit


def history_of(played: Sequence[Played]) -> pd.DataFrame:
    """Return the requests that a score would have seen, with what became known of them.

    Returns
    -------
    pandas.DataFrame
        A column for each fact, ``time`` (datetime64[s], UTC without zone), ``person`` (whoever acts on one device, or
        else in one account), ``kind`` (who it really is), and ``label``: true if it was found to hoard. Some attackers
        are never found out, and a few honest people are wrongly reported. Several seasons lie side by side in time.
    """
    frames = []
    for number, season in enumerate(played):
        asks = season.asks
        kept = asks[(asks["number"] >= 0) & (asks["decision"] != "refuse") & (asks["moves"] == 0)]
        facts = season.facts.loc[kept["number"]].reset_index(drop=True)
        acts = kept["device"].where(kept["device"] != "", kept["account"])
        found_out = kept["kind"].map({name: kind.habits.labelled for name, kind in KINDS.items()}).to_numpy()
        frames.append(
            facts.assign(
                time=(START.tz_localize(None) + pd.to_timedelta(kept["at"].to_numpy(), unit="s")).as_unit("s"),
                person=[f"{number} {who}" for who in acts],
                kind=kept["kind"].to_numpy(),
                label=np.random.default_rng([season.seed, 3]).random(len(kept)) < found_out,
            )
        )
    return pd.concat(frames).sort_values("time", kind="stable").reset_index(drop=True)


def trained(seeds: Sequence[int], world: World | None = None) -> Artifact:
    """Train a model on seasons of these seeds.

    Raises
    ------
    fraud.scoring.model.TrainingError
        The seasons are too small.
    """
    return fit(history_of([play(seed, world) for seed in seeds]), seed=seeds[0])
