"""One trial: a season in which each kind acts by the tactics that are tried, against one defence."""

import hashlib
import json
from dataclasses import asdict, dataclass

from fraud.attackers.parameters import World
from fraud.hunting.defence import Defence, intentions
from fraud.hunting.ledger import Figures, drawn_figures, raced_figures


@dataclass(frozen=True)
class Trial:
    """A season to play: its seed, its world with the tactics, and what it meets."""

    seed: int
    world: World
    defence: Defence

    @property
    def name(self) -> str:
        """A hash of all that decides how it ends."""
        decides = json.dumps([self.seed, self.defence.version, asdict(self.world)], sort_keys=True)
        return hashlib.sha256(decides.encode()).hexdigest()[:16]


def tried(trial: Trial) -> Figures:
    """Play it; equal trials give equal figures, wherever they are played."""
    if trial.defence.how == "race":
        return raced_figures(intentions(trial.seed, trial.world), trial.world)
    return drawn_figures(trial.defence.played(trial.seed, trial.world).asks)
