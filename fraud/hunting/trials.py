"""One trial: a season in which each kind acts by the tactics that are tried, against one defence."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import fraud
from fraud.attackers.parameters import World
from fraud.hunting.ledger import Figures, drawn_figures, raced_figures
from fraud.hunting.levers import Defence, intentions


@dataclass(frozen=True)
class Trial:
    """A season to play: its seed, its world with the tactics, and what it meets."""

    seed: int
    world: World
    defence: Defence

    @property
    def name(self) -> str:
        """A hash of all that decides how it ends."""
        decides = json.dumps([program(), self.seed, self.defence.version, asdict(self.world)], sort_keys=True)
        return hashlib.sha256(decides.encode()).hexdigest()[:16]


@cache
def program() -> str:
    """Return a hash of the code that plays seasons and counts: figures of two versions are never put together."""
    return hashlib.sha256(b"".join(_code(files(fraud)))).hexdigest()


def _code(folder: Traversable) -> list[bytes]:
    found = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _code(entry)
        elif entry.name.endswith((".py", ".toml")):
            found.append(hashlib.sha256(entry.read_bytes()).digest())
    return found


def tried(trial: Trial) -> Figures:
    """Play it; equal trials give equal figures, wherever they are played."""
    if trial.defence.how == "race":
        return raced_figures(intentions(trial.seed, trial.world), trial.world)
    return drawn_figures(trial.defence.played(trial.seed, trial.world).asks)
