"""What a closing states beside its rows: when, under which announcement, log, policy and software."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.policy.limits import DrawLimits
from booking.platform.models import Draw, LogCheckpoint, LogEntry, ModelVersion, QuotaPolicy, RuleSetVersion
from booking.transparency.log.entries import instant
from booking.transparency.log.views import model_sha256, quota_sha256, rules_sha256

_LIBRARIES: Final = ("mawid", "numpy", "ortools")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that the result depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


SOLVER_SECONDS: Final = 8
GRACE: Final = timedelta(minutes=5)
"""How long after the end of asking a receipt may still come into the log, for whoever asked in the last minute."""


@dataclass(frozen=True, slots=True)
class Logged:
    """The log as it counts for a draw: its announcement, and the tree whose receipts take part."""

    announcement: int
    announced: bytes
    size: int
    root: bytes

    def facts(self) -> dict[str, Any]:
        """Return what the statement says of it."""
        return {
            "announcement": {"index": self.announcement, "sha256": sha256(self.announced).hexdigest()},
            "receipts": {"size": self.size, "root": self.root.hex()},
        }


def logged_in_time(session: Session, draw: Draw) -> Logged | None:
    """Return the newest tree that was signed within `GRACE` after the end of asking.

    None where the announcement was not in it, so that nobody outside could know what was promised.
    """
    row = session.execute(
        select(LogEntry.index, LogEntry.body, LogCheckpoint.size, LogCheckpoint.root)
        .join(LogCheckpoint, LogCheckpoint.size > LogEntry.index)
        .where(
            LogEntry.kind == "announcement",
            LogEntry.key == draw.reference,
            LogCheckpoint.at <= draw.closes_at + GRACE,
        )
        .order_by(LogCheckpoint.size.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Logged(*row)


def statement_facts(
    session: Session, draw: Draw, closed_at: datetime, logged: Logged, limits: DrawLimits, policy: QuotaPolicy | None
) -> dict[str, Any]:
    """Return the closing statement but what follows from the rows and from the compensation."""
    rules = session.scalar(select(RuleSetVersion).where(RuleSetVersion.active))
    model = session.scalar(select(ModelVersion).where(ModelVersion.active))
    return announced_facts(draw) | {
        "closed_at": instant(closed_at),
        **logged.facts(),
        "mechanism": limits.draw_mechanism,
        "solver_seconds": SOLVER_SECONDS,
        "quota": {
            "version": policy.version if policy else None,
            "sha256": quota_sha256(policy) if policy else None,
        },
        "rules": {"version": rules.version, "sha256": rules_sha256(rules)} if rules else None,
        "model": {"version": model.version, "sha256": model_sha256(model)} if model else None,
        "versions": versions(),
    }


def announced_facts(draw: Draw) -> dict[str, Any]:
    """Return what announcement and statement say alike."""
    return {
        "reference": draw.reference,
        "opens_at": instant(draw.opens_at),
        "closes_at": instant(draw.closes_at),
        "horizon_first": draw.horizon_first.isoformat(),
        "horizon_last": draw.horizon_last.isoformat(),
        "confirm_seconds": draw.confirm_seconds,
        "seed_commitment": draw.seed_commitment.hex(),
        "beacon": draw.beacon,
    }
