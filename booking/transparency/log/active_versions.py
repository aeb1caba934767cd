"""What becomes active stands in the public log by the hash of its content, so that no version is swapped unseen."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.exact_json import canonical
from booking.platform.models import LogEntry, LogPending, ModelVersion, QuotaPolicy, RuleSetVersion
from booking.platform.models.policies.policy import ApprovedVersion
from booking.transparency.log.entries import instant
from booking.transparency.log.log import append_in

VERSION: Final = "version"
"""The type of such an entry."""


def quota_sha256(row: QuotaPolicy) -> str:
    """Return the SHA-256 of a quota policy, 64 digits: of its shares, overrides and limits as exact JSON."""
    return sha256(canonical({"limits": row.limits, "overrides": row.overrides, "shares": row.shares})).hexdigest()


def rules_sha256(row: RuleSetVersion) -> str:
    """Return the SHA-256 of a rule set's text, 64 digits."""
    return sha256(row.source.encode()).hexdigest()


def model_sha256(row: ModelVersion) -> str:
    """Return the SHA-256 of a model's artefact, 64 digits."""
    return row.sha256


_KINDS: Final[Mapping[type[ApprovedVersion], tuple[str, Callable[[Any], str]]]] = {
    QuotaPolicy: ("quota", quota_sha256),
    RuleSetVersion: ("rules", rules_sha256),
    ModelVersion: ("model", model_sha256),
}


def log_active_in(session: Session, core: Core, row: ApprovedVersion) -> None:
    """Append that a version decides from now on; of kinds that decide nobody's request nothing is said."""
    if type(row) not in _KINDS:
        return
    kind, content = _KINDS[type(row)]
    session.flush()
    if isinstance(row, QuotaPolicy):
        session.refresh(row, ["shares", "overrides", "limits"])  # numbers as the database keeps them
    at = instant(core.clock.now())
    body = {"kind": kind, "version": row.version, "sha256": content(row), "at": at}
    append_in(session, VERSION, body, f"{kind}-{row.version}-{at}")


def log_unsaid(core: Core) -> None:
    """Append the versions that decide now and of which the log says nothing, as after an upgrade; else do nothing."""
    with core.sessions.begin() as session:
        log_unsaid_in(session, core)


def log_unsaid_in(session: Session, core: Core) -> None:
    """Append them in the caller's transaction: a closing statement names no version that the log has not."""
    for model, (kind, _) in _KINDS.items():
        row = session.scalar(select(model).where(model.active))
        if row is None:
            continue
        known = f"{kind}-{row.version}-"
        said = or_(
            *(exists().where(table.kind == VERSION, table.key.startswith(known)) for table in (LogPending, LogEntry))
        )
        if not session.scalar(select(said)):
            log_active_in(session, core, row)
