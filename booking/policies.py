"""The active rule set, model and thresholds of the gate, read from the database and kept while they are active."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.errors import PolicyMissingError
from booking.models import ModelVersion, QuotaPolicy, RuleSetVersion
from booking.models.base import Json
from fraud.artifact import Artifact, Thresholds
from fraud.facts import Facts, HardFacts
from fraud.gate import Verdict, judge
from fraud.limits import LimitDecision
from fraud.rules import RuleSet, parse_rules

_ACTIVE: Final = (
    select(
        QuotaPolicy.version.label("quota"),
        QuotaPolicy.limits,
        RuleSetVersion.version.label("rules"),
        ModelVersion.version.label("model"),
        ModelVersion.sha256,
    )
    .select_from(QuotaPolicy)
    .join(RuleSetVersion, RuleSetVersion.active.is_(True))
    .outerjoin(ModelVersion, ModelVersion.active.is_(True))
    .where(QuotaPolicy.active)
)
"""One statement, because every request asks for it: at most one of each is active (partial unique indexes)."""


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What the gate judges by, with the versions that a verdict stores."""

    rules: RuleSet
    model: Artifact | None
    limits: Json
    versions: dict[str, str]

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
            thresholds=Thresholds(challenge=self.limits["challenge_from"], review=self.limits["review_from"]),
            exceptions=exceptions,
        )


class GatePolicies:
    """Gives the active policy; parsed rules and unpacked models are reused until another version is active."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: GatePolicy | None = None

    def active(self, session: Session) -> GatePolicy:
        """Give the active policy; raises PolicyMissingError when there is no quota policy or no rule set."""
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
            if kept is None or kept.versions != versions:
                kept = GatePolicy(_rules(session, found.rules), _model(session), dict(found.limits), versions)
                self._kept = kept
            return kept

    @staticmethod
    def of(session: Session, versions: Mapping[str, str]) -> GatePolicy:
        """Give the policy that a verdict was made by, from the versions that it stored.

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
            parse_rules(source), None if model is None else Artifact.from_bytes(model), dict(limits), dict(versions)
        )


def _rules(session: Session, version: int) -> RuleSet:
    return parse_rules(session.scalars(select(RuleSetVersion.source).where(RuleSetVersion.version == version)).one())


def _model(session: Session) -> Artifact | None:
    data = session.scalar(select(ModelVersion.artifact).where(ModelVersion.active))
    return None if data is None else Artifact.from_bytes(data)
