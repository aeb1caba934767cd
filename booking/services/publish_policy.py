"""Make versions of the gate's policy active: rule sets and models. Each activation is on the record."""

from hashlib import sha256
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from booking import audit
from booking.core import Core
from booking.models import ModelVersion, RuleSetVersion
from fraud.artifact import Artifact
from fraud.rules import default_rules_source, parse_rules

SYSTEM: Final = "system"


def publish_rules(core: Core, *, source: str, actor: str = SYSTEM) -> int:
    """Parse a rule set, keep it as the next version and make it the active one; return the version.

    The same text as the active version's changes nothing.

    Raises
    ------
    fraud.rules.RuleError
        The text is no rule set; the active version stays.
    """
    rules = parse_rules(source)
    with core.sessions.begin() as session:
        active = session.scalar(select(RuleSetVersion).where(RuleSetVersion.active).with_for_update())
        if active is not None and active.source == source:
            return active.version
        version = _next(session, RuleSetVersion)
        session.execute(update(RuleSetVersion).where(RuleSetVersion.active).values(active=False))
        session.add(RuleSetVersion(version=version, source=source, active=True, created_at=core.clock.now()))
        audit.append(
            session,
            at=core.clock.now(),
            actor=actor,
            action="rules.activated",
            subject=str(version),
            details={"rules": rules.version},
        )
    return version


def publish_default_rules(core: Core) -> int:
    """Make the built-in rules active where there are none yet; return the active version."""
    with core.sessions() as session:
        active = session.scalar(select(RuleSetVersion.version).where(RuleSetVersion.active))
    return active if active is not None else publish_rules(core, source=default_rules_source())


def publish_model(core: Core, *, artifact: Artifact, actor: str = SYSTEM) -> int:
    """Keep a trained model as the next version and make it the active one; return the version."""
    data = artifact.to_bytes()
    digest = sha256(data).hexdigest()
    with core.sessions.begin() as session:
        active = session.scalar(select(ModelVersion).where(ModelVersion.active).with_for_update())
        if active is not None and active.sha256 == digest:
            return active.version
        version = _next(session, ModelVersion)
        session.execute(update(ModelVersion).where(ModelVersion.active).values(active=False))
        session.add(
            ModelVersion(
                version=version,
                artifact=data,
                sha256=digest,
                details=dict(artifact.about),
                active=True,
                created_at=core.clock.now(),
            )
        )
        audit.append(
            session,
            at=core.clock.now(),
            actor=actor,
            action="model.activated",
            subject=str(version),
            details={"sha256": digest},
        )
    return version


def _next(session: Session, model: type[RuleSetVersion | ModelVersion]) -> int:
    return (session.scalar(select(func.max(model.version))) or 0) + 1
