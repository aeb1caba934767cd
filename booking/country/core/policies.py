"""The active rule set, model and thresholds of the gate, read from the database and kept while they are active."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from booking.country.packs.quotas import GateSpec, LimitSpec
from booking.country.policy.limits import pick
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models import ModelVersion, QuotaPolicy, RuleSetVersion
from booking.platform.models.base import Json
from booking.platform.models.states import VersionState
from fraud.facts import Facts, HardFacts
from fraud.gate import Verdict, judge
from fraud.limiting.limits import LimitDecision
from fraud.rules.rule_set import RuleError, RuleSet, parse_rules
from fraud.scoring.artifact import Artifact, ArtifactError, Thresholds

_log = structlog.get_logger("mawid.gate")
_SHADOW: Final = select(ModelVersion.version).where(ModelVersion.state == VersionState.SHADOW).subquery("shadow")
_SHADOW_RULES: Final = (
    select(RuleSetVersion.version).where(RuleSetVersion.state == VersionState.SHADOW).subquery("shadow_rules")
)
_ACTIVE: Final = (
    select(
        QuotaPolicy.version.label("quota"),
        QuotaPolicy.limits,
        RuleSetVersion.version.label("rules"),
        ModelVersion.version.label("model"),
        ModelVersion.sha256,
        _SHADOW.c.version.label("shadow"),
        _SHADOW_RULES.c.version.label("shadow_rules"),
    )
    .select_from(QuotaPolicy)
    .join(RuleSetVersion, RuleSetVersion.active.is_(True))
    .outerjoin(ModelVersion, ModelVersion.active.is_(True))
    .outerjoin(_SHADOW, true())
    .outerjoin(_SHADOW_RULES, true())
    .where(QuotaPolicy.active)
)
"""One statement, because every request asks for it: at most one of each is active (partial unique indexes)."""


UNUSABLE: Final = "unusable"
"""What a verdict says of its model when the active one could not be read: it was made without a score."""


@dataclass(frozen=True)
class GatePolicy:
    """What the gate judges by, with the versions that a verdict stores.

    ``shadow`` scores beside ``model``, ``shadow_rules`` judge beside ``rules``; both decide nothing.
    """

    rules: RuleSet
    model: Artifact | None
    limits: Json
    versions: dict[str, str]
    shadow: tuple[int, Artifact] | None
    shadow_rules: tuple[int, RuleSet] | None = None

    @cached_property
    def of_wishes(self) -> LimitSpec:
        """What the policy says of wishes."""
        return pick(LimitSpec, self.limits)

    @cached_property
    def thresholds(self) -> Thresholds | None:
        """The scores from which its model challenges and reviews; None without a model."""
        return None if self.model is None else live_thresholds(pick(GateSpec, self.limits), self.model)

    def judge(
        self, *, hard: HardFacts, facts: Facts, limits: LimitDecision | None, exceptions: frozenset[str] = frozenset()
    ) -> Verdict:
        """Judge by this policy: the one call of the live gate and of its replay."""
        return judge(
            hard=hard,
            facts=facts,
            limits=limits,
            rules=self.rules,
            model=self.model,
            thresholds=self.thresholds,
            exceptions=exceptions,
        )

    def in_shadow(
        self, *, hard: HardFacts, facts: Facts, limits: LimitDecision | None, exceptions: frozenset[str]
    ) -> Verdict | None:
        """Judge by the rules in shadow and everything else that decides; None where no rules are in shadow."""
        if self.shadow_rules is None:
            return None
        beside = replace(self, rules=self.shadow_rules[1])
        return beside.judge(hard=hard, facts=facts, limits=limits, exceptions=exceptions)


class GatePolicies:
    """Gives the active policy; parsed rules and unpacked models are reused until another version is active."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: GatePolicy | None = None
        self._key: tuple[dict[str, str], int | None, int | None] | None = None

    def active(self, session: Session) -> GatePolicy:
        """Return the active policy; raises PolicyMissingError when there is no quota policy or no rule set."""
        found = session.execute(_ACTIVE).one_or_none()
        if found is None:
            raise PolicyMissingError
        versions = {
            "quota_policy": str(found.quota),
            "rule_set": str(found.rules),
            "model": "none" if found.model is None else f"{found.model}:{found.sha256[:12]}",
        }
        with self._lock:
            kept = self._kept
            key = (versions, found.shadow, found.shadow_rules)
            if kept is None or self._key != key:
                model, shadow = _model(session, found.model), _model(session, found.shadow)
                kept = GatePolicy(
                    rules=_rules(session, found.rules),
                    model=model,
                    limits=dict(found.limits),
                    versions=versions if model or found.model is None else versions | {"model": UNUSABLE},
                    shadow=None if shadow is None else (found.shadow, shadow),
                    shadow_rules=_shadow_rules(session, found.shadow_rules),
                )
                self._kept, self._key = kept, key
            return kept

    @staticmethod
    def of(session: Session, versions: Mapping[str, str]) -> GatePolicy:
        """Return the policy that a verdict was made by, from the versions that it stored.

        Raises
        ------
        PolicyMissingError
            A version is not kept any more, or a model's file is not the one that judged.
        """
        number, _, digest = versions["model"].partition(":")
        limits = session.scalar(select(QuotaPolicy.limits).where(QuotaPolicy.version == int(versions["quota_policy"])))
        source = session.scalar(
            select(RuleSetVersion.source).where(RuleSetVersion.version == int(versions["rule_set"]))
        )
        model = None
        if digest:
            model = session.scalar(
                select(ModelVersion.artifact).where(
                    ModelVersion.version == int(number), ModelVersion.sha256.startswith(digest)
                )
            )
        if limits is None or source is None or (digest and model is None):
            raise PolicyMissingError
        return GatePolicy(
            parse_rules(source),
            None if model is None else Artifact.from_bytes(model),
            dict(limits),
            dict(versions),
            None,
        )


def live_thresholds(gate: GateSpec, model: Artifact) -> Thresholds:
    """Return the scores from which a model challenges and reviews: the policy's, or else those of its training."""
    return lines_of(gate) or model.thresholds


def lines_of(gate: GateSpec) -> Thresholds | None:
    """Return the lines of a policy, which overrule those of every model; None where it has none."""
    if gate.challenge_from is None or gate.review_from is None:
        return None
    return Thresholds(challenge=gate.challenge_from, review=gate.review_from)


def _rules(session: Session, version: int) -> RuleSet:
    return parse_rules(session.scalars(select(RuleSetVersion.source).where(RuleSetVersion.version == version)).one())


def _shadow_rules(session: Session, version: int | None) -> tuple[int, RuleSet] | None:
    """Read the rules in shadow; None where there are none, or they cannot be read (which is logged)."""
    try:
        return None if version is None else (version, _rules(session, version))
    except RuleError as error:
        _log.error("shadow_rules_unusable", version=version, why=str(error))
        return None


def _model(session: Session, version: int | None) -> Artifact | None:
    """Unpack a version; None where there is none, or it cannot be used (which is logged: the rules still judge)."""
    data = session.scalar(select(ModelVersion.artifact).where(ModelVersion.version == version))
    if data is None:
        return None
    try:
        return Artifact.from_bytes(data)
    except ArtifactError as error:
        _log.error("model_unusable", version=version, why=str(error))
        return None
