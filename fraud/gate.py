"""The gate: limits, hard facts, rules and score, cheapest first, become one verdict with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Final

from fraud.facts import Facts, HardFacts, hard_refusals
from fraud.limiting.limits import LimitDecision
from fraud.reasons import REASONS, Reason, explain
from fraud.rules.rule_set import ALL_RULES, RuleSet
from fraud.scoring.artifact import Artifact, Thresholds
from fraud.scoring.words import named, score_reasons

__all__ = ["Decision", "Reason", "Thresholds", "Verdict", "explain", "judge"]


class Decision(StrEnum):
    """What happens to a request, from the mildest to the hardest."""

    ACCEPT = "accept"
    CHALLENGE = "challenge"
    REVIEW = "review"
    REFUSE = "refuse"


_ORDER: Final = tuple(Decision)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision with all that is needed to explain and to repeat it.

    ``reasons`` is empty only when accepted; ``score`` is the model's probability that the request hoards, None where
    no model was asked; ``versions`` names the rules, model and limits that judged; ``degraded`` marks a verdict made
    while the shared limits did not answer; ``contributions`` add up exactly to the log-odds behind the score, by fact;
    ``excepted`` names the rules that would have fired, had the person, phone or device no exception from them;
    ``seconds`` is what each stage took, and no part of the decision.
    """

    decision: Decision
    reasons: tuple[Reason, ...]
    score: float | None
    versions: dict[str, str]
    degraded: bool
    contributions: Mapping[str, float] = field(default_factory=dict)
    excepted: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)


def judge(
    *,
    hard: HardFacts,
    facts: Facts,
    limits: LimitDecision | None,
    rules: RuleSet,
    model: Artifact | None = None,
    thresholds: Thresholds | None = None,
    exceptions: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge one request.

    Only hard facts refuse; then nothing else is asked. A reached limit and a degraded limiter lead to a challenge at
    least, a rule to what it says, a score to a challenge or to review. The hardest outcome wins, all reasons are kept.

    Parameters
    ----------
    limits
        The limiter's answer; None where nothing is limited, as in a replay of history.
    model
        None judges without a score, as before the first training.
    thresholds
        Scores from which the model asks for a challenge or a review; by default those chosen when it was trained.
    exceptions
        Names of rules that do not apply to this request, or `fraud.rules.rule_set.ALL_RULES`. Nothing excepts from
        hard facts, limits or the score.
    """
    began = perf_counter()
    degraded = limits is not None and limits.degraded
    versions = {"rules": rules.version} | ({} if model is None else {"model": model.version})
    versions |= {} if limits is None else {"limits": limits.version}
    refusals = hard_refusals(hard)
    checked = perf_counter()
    if refusals:
        return Verdict(Decision.REFUSE, tuple(refusals), None, versions, degraded, seconds={"hard": checked - began})

    found = _from_limits(limits)
    fired = rules.judge(facts)
    excepted = tuple(rule.name for rule in fired if not exceptions.isdisjoint({rule.name, ALL_RULES}))
    found += [(Decision(rule.then), rule.reason) for rule in fired if rule.name not in excepted]
    ruled = perf_counter()
    score, contributions = None, {}
    if model is not None:
        score, parts = model.explained(facts)
        contributions = named(parts, model.schema.features)
        if reached := _reached(score, thresholds or model.thresholds):
            told = (REASONS[f"score.{reached.value}"], *score_reasons(parts, facts, model.schema.features))
            found += [(reached, reason) for reason in told]
    decision = max((step for step, _ in found), key=_ORDER.index, default=Decision.ACCEPT)
    seconds = {"hard": checked - began, "rules": ruled - checked, "score": perf_counter() - ruled}
    return Verdict(
        decision, tuple(reason for _, reason in found), score, versions, degraded, contributions, excepted, seconds
    )


def _from_limits(limits: LimitDecision | None) -> list[tuple[Decision, Reason]]:
    found = []
    if limits is not None and not limits.allowed and limits.tightest is not None:
        found.append((Decision.CHALLENGE, REASONS[f"limit.{limits.tightest.subject}"]))
    if limits is not None and limits.degraded:
        found.append((Decision.CHALLENGE, REASONS["limit.degraded"]))
    return found


def _reached(score: float, thresholds: Thresholds) -> Decision | None:
    """Return what a score asks for, if anything."""
    if score < thresholds.challenge:
        return None
    return Decision.REVIEW if score >= thresholds.review else Decision.CHALLENGE
