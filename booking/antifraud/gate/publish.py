"""Make first rules and a first model active, and change rate limits and a draw's limits; each is on the record."""

from sqlalchemy import func, select, update

from booking.antifraud.gate.versions import MODEL, RULES, model_row
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.policy.draw_limits import checked_limits
from booking.country.policy.limits import active_policy
from booking.country.versions.rows import change_versions
from booking.country.versions.steps import SYSTEM, begin, next_version
from booking.platform.models import LimitSetVersion, ModelVersion, QuotaPolicy, RuleSetVersion
from booking.platform.models.base import Json
from booking.platform.models.states import VersionState
from booking.transparency.log.active_versions import log_active_in
from fraud.limiting.text import parse_limits
from fraud.rules.rule_set import default_rules_source, parse_rules
from fraud.scoring.artifact import Artifact


def publish_default_rules(core: Core) -> int:
    """Make the built-in rules active where there are no rules yet; return the active version."""
    source = default_rules_source()
    return begin(core, RULES, RuleSetVersion(source=source), details={"rules": parse_rules(source).version})


def publish_rate_limits(core: Core, *, source: str, actor: str = SYSTEM) -> int:
    """Parse a set of rate limits, keep it as the next version and make it the active one; return the version.

    Every process judges by it within some seconds (`booking.country.core.live_limits`). The same text as the active
    version's changes nothing.

    Raises
    ------
    fraud.limiting.limits.PolicyError
        The text is not a set of limits; the active version stays.
    """
    digest = parse_limits(source).version
    with core.sessions.begin() as session:
        active = session.scalar(select(LimitSetVersion).where(LimitSetVersion.active).with_for_update())
        if active is not None and active.source == source:
            return active.version
        version = (session.scalar(select(func.max(LimitSetVersion.version))) or 0) + 1
        session.execute(update(LimitSetVersion).where(LimitSetVersion.active).values(active=False))
        now = core.clock.now()
        session.add(LimitSetVersion(version=version, source=source, digest=digest, active=True, created_at=now))
        action, details = "rate_limits.activated", {"limits": digest}
        audit.append(session, at=now, actor=actor, action=action, subject=str(version), details=details)
        return version


def publish_model(core: Core, *, artifact: Artifact) -> int:
    """Make the very first model active where there is none yet; return the active version.

    Later ones are proposed by one person and activated by another (`booking.country.versions.steps`).
    """
    row = model_row(ModelVersion, artifact.to_bytes())
    return begin(core, MODEL, row, details={"sha256": row.sha256})


def publish_limits(core: Core, *, changes: Json, actor: str = SYSTEM) -> int:
    """Keep a quota policy with some limits changed as the next version and make it active; return the version.

    Draws that are closed keep the limits that they closed with. Changes that change nothing make no version.

    Parameters
    ----------
    changes
        New values by name; None takes a limit back to its default.

    Raises
    ------
    booking.country.policy.limits.LimitsError
        A limit is unknown or cannot have this value; the active version stays.
    PolicyMissingError
        No quota policy is active yet.
    """
    with core.sessions.begin() as session:
        change_versions(session)
        active = active_policy(session)
        limits = {name: value for name, value in (active.limits | changes).items() if value is not None}
        if limits == active.limits:
            return active.version
        now = core.clock.now()
        row = QuotaPolicy(
            version=next_version(session, QuotaPolicy),
            state=VersionState.DRAFT,
            active=False,
            bootstrap=False,
            limits_only=True,
            shares=active.shares,
            overrides=active.overrides,
            limits=checked_limits(limits),
            created_at=now,
        )
        session.add(row)
        session.flush()  # it is born beside the active one, whose quotas it must have (a trigger)
        active.state, active.active = VersionState.RETIRED, False
        session.flush()
        row.state, row.active, row.activated_at = VersionState.ACTIVE, True, now
        subject = str(row.version)
        audit.append(session, at=now, actor=actor, action="limits.activated", subject=subject, details=dict(changes))
        log_active_in(session, core, row)
        return row.version
