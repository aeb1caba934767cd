"""What an attack meets: places for the first who come, a draw alone, or the draw behind the gate."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import pandas as pd

from fraud.attackers.country import Country
from fraud.attackers.demand import intended
from fraud.attackers.log import Played, log_of
from fraud.attackers.parameters import World
from fraud.attackers.season import play
from fraud.limiting.limits import Policy
from fraud.limiting.text import ACTIONS, default_limits_source, parse_limits
from fraud.rules.rule_set import RuleSet, default_rules, parse_rules
from fraud.scoring.artifact import Artifact, Thresholds

How = Literal["race", "draw", "gate"]

_NO_LIMITS: Final[Policy] = dict.fromkeys(ACTIONS, ())


@dataclass(frozen=True)
class Defence:
    """One version of the policy.

    Parameters
    ----------
    how
        ``race``: each day's places go to the first who come, and nothing is looked at. ``draw``: the draw alone,
        without proofs, limits, rules and score; registers still know who exists. ``gate``: all of it.
    rules, limits, model, thresholds
        Of the gate. By default the built-in rules and limits (as text), no model, and the model's own thresholds.
    """

    how: How = "gate"
    rules: RuleSet | None = None
    limits: str = ""
    model: Artifact | None = None
    thresholds: Thresholds | None = None

    @property
    def rules_used(self) -> RuleSet:
        """Its own rules, or the built-in ones."""
        return self.rules or default_rules()

    @property
    def limits_used(self) -> str:
        """Its own limits, or the built-in ones, as text."""
        return self.limits or default_limits_source()

    @property
    def lines_used(self) -> Thresholds | None:
        """Its own lines of the score, or the model's; None without either."""
        return self.thresholds or (self.model.thresholds if self.model else None)

    @cached_property
    def version(self) -> str:
        """A hash of all that decides."""
        decides = (self.how, self.rules_used.digest, self.limits_used, self.model and self.model.version)
        return hashlib.sha256(repr((*decides, self.lines_used)).encode()).hexdigest()[:16]

    def played(self, seed: int, world: World) -> Played:
        """Play a season against it; not for a race, in which nothing happens to anybody (`intentions`)."""
        if self.how == "draw":
            return play(seed, replace(world, proofs=False), rules=parse_rules(""), policy=_NO_LIMITS)
        limits = parse_limits(self.limits).policy if self.limits else None
        return play(seed, world, model=self.model, rules=self.rules, policy=limits, thresholds=self.thresholds)


def intentions(seed: int, world: World) -> pd.DataFrame:
    """Return what everybody means to ask for, as the log of a season: all that a race needs to be decided."""
    asks = intended(Country(seed, world.days), world)
    for ask in asks:
        ask.first_at, ask.tries = ask.at, 1
    return log_of(asks)
