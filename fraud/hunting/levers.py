"""What a defender may choose: numbers of rules, lines of the score and limits, as a point between their bounds."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import pandas as pd

from fraud.attackers.country import Country
from fraud.attackers.parameters import World
from fraud.attackers.season import Played, intended, log_of, play
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


class LeverError(Exception):
    """A policy has no such number to move."""


@dataclass(frozen=True, slots=True)
class Lever:
    """One number of the policy: of a rule's comparison, of the score, or of a limit.

    ``where`` is a rule's name, a line of the score (``challenge``, ``review``) or an action of the limits; ``what`` is
    the rule's fact, or the limit's subject and period, as in ``device per day``.
    """

    part: Literal["rule", "score", "limit"]
    where: str
    what: str
    low: float
    high: float

    @property
    def name(self) -> str:
        """What it is called in tables and files."""
        return f"{self.where}: {self.what}" if self.what else self.where

    def value(self, at: float) -> float:
        """Return the number at a place between 0 and 1; a whole one for rules and limits."""
        found = self.low + at * (self.high - self.low)
        return found if self.part == "score" else float(round(found))


LEVERS: Final[tuple[Lever, ...]] = (
    Lever("rule", "phone-shared-by-very-many", "people_on_phone_30d", 6, 40),
    Lever("rule", "device-used-for-very-many", "people_on_device_30d", 15, 90),
    Lever("rule", "burst-from-one-device", "requests_from_device_1h", 4, 20),
    Lever("rule", "takes-places-and-gives-them-back", "cancellations_90d + lapsed_offers_365d", 1, 12),
    Lever("rule", "gives-places-up-and-asks-for-others", "passed_on_by_account_30d", 0, 4),
    Lever("rule", "gives-places-up-and-asks-for-others", "people_on_phone_30d", 0, 8),
    Lever("rule", "passes-places-on-with-one-phone", "passed_on_with_phone_30d", 0, 4),
    Lever("rule", "hands-places-back-again-and-again", "handed_back_for_person_90d", 0, 4),
    Lever("rule", "others-proved-whom-this-account-lists", "claims_ended_365d", 0, 3),
    Lever("rule", "others-proved-whom-this-account-lists", "unproven_by_account", 0, 6),
    Lever("score", "challenge", "", 0.02, 0.6),
    Lever("score", "review", "", 0.1, 1.0),
    Lever("limit", "ask", "device per day", 15, 90),
    Lever("limit", "register", "device per day", 5, 30),
    Lever("limit", "register", "account per day", 8, 40),
)


def values_at(point: Sequence[float]) -> dict[str, float]:
    """Return each lever's number at a point, by name; the line of a review is never below that of a check."""
    numbers = {lever.name: lever.value(at) for lever, at in zip(LEVERS, point, strict=True)}
    return numbers | {"review": max(numbers["challenge"], numbers["review"])}


def today(defence: Defence) -> list[float]:
    """Return the point of a defence, as near as the bounds let it be.

    Raises
    ------
    LeverError
        Its rules or limits lack one of the numbers.
    """
    return [min(1.0, max(0.0, (_now(defence, lever) - lever.low) / (lever.high - lever.low))) for lever in LEVERS]


def moved(defence: Defence, point: Sequence[float]) -> Defence:
    """Return a defence with all levers at a point."""
    numbers = values_at(point)
    text, limits = defence.rules_used.text(), defence.limits_used
    for lever in LEVERS:
        if lever.part == "rule":
            text = _in_rule(text, lever, numbers[lever.name])
        elif lever.part == "limit":
            limits = _in_limits(limits, lever, numbers[lever.name])
    lines = None
    if defence.model is not None:
        lines = Thresholds(numbers["challenge"], numbers["review"])
    return replace(defence, rules=parse_rules(text), limits=limits, thresholds=lines)


def _now(defence: Defence, lever: Lever) -> float:
    if lever.part == "score":
        lines = defence.lines_used
        return lever.high if lines is None else float(getattr(lines, lever.where))
    if lever.part == "rule":
        found = _rule_pattern(lever).search(defence.rules_used.text())
    else:
        found = _limit_pattern(lever).search(defence.limits_used)
    if found is None:
        raise LeverError(f"the policy has no {lever.name}")
    return float(found[2])


def _in_rule(text: str, lever: Lever, number: float) -> str:
    return _rule_pattern(lever).sub(rf"\g<1>{number:.0f}", text, count=1)


def _in_limits(text: str, lever: Lever, number: float) -> str:
    return _limit_pattern(lever).sub(rf"\g<1>{number:.0f}\g<3>", text, count=1)


def _rule_pattern(lever: Lever) -> re.Pattern[str]:
    return re.compile(rf'(name = "{lever.where}"\nwhen = "[^\n]*?{re.escape(lever.what)} > )(\d+)')


def _limit_pattern(lever: Lever) -> re.Pattern[str]:
    """Match a limit as the built-in text writes it: the action's own table, then the subject's line."""
    subject, _, period = lever.what.partition(" ")
    table = rf"^\[{lever.where}\]\n(?:(?!\[)[^\n]*\n)*?"
    return re.compile(rf"({table}{subject} = [^\n]*?\")(\d+)( {period}\")", re.MULTILINE)
