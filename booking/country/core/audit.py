"""The hash-chained log of staff and policy actions."""

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import report_with
from booking.platform.models import Account, AuditEntry
from booking.platform.models.base import Json

GENESIS: Final = sha256(b"mawid audit log").digest()
_LOCK: Final = 0x6175646974  # "audit"


class BrokenChainError(Exception):
    """The log was changed: the message names the first entry that does not fit."""


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    account_id: UUID | None = None,
    details: Json | None = None,
) -> AuditEntry:
    """Append one entry in the caller's transaction.

    An advisory lock, held until commit, keeps the chain single: staff actions are few, requests are not in this log.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.execute(
        select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
    ).one_or_none()
    entry = AuditEntry(
        sequence=1 if last is None else last.sequence + 1,
        at=at,
        actor=actor,
        account_id=account_id,
        action=action,
        subject=subject,
        details=details or {},
        previous=GENESIS if last is None else last.hash,
    )
    entry.hash = _digest(entry)
    session.add(entry)
    session.flush()
    report_with(session, entry)
    return entry


def record(session: Session, core: Core, who: Account, action: str, subject: str, /, **details: Any) -> AuditEntry:
    """Append what an account does at this moment."""
    now = core.clock.now()
    return append(
        session, at=now, actor=who.username, account_id=who.id, action=action, subject=subject, details=details
    )


def first_since(session: Session, since: datetime) -> int:
    """Return the sequence of the first entry that is not older, by halves: the log has no index by time."""
    low, high = 1, (session.scalar(select(func.max(AuditEntry.sequence))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = session.scalar(select(AuditEntry.at).where(AuditEntry.sequence == middle))
        if at is not None and at < since:
            low = middle + 1
        else:
            high = middle
    return low


def verify(session: Session) -> int:
    """Check the whole chain and return the number of entries; raises BrokenChainError."""
    return verify_entries(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).yield_per(1000))


def verify_entries(entries: Iterable[AuditEntry]) -> int:
    """Check a run of entries from the first on; raises BrokenChainError."""
    previous, count = GENESIS, 0
    for entry in entries:
        count += 1
        if entry.sequence != count or entry.previous != previous or entry.hash != _digest(entry):
            raise BrokenChainError(f"entry {entry.sequence} does not follow from the entries before it")
        previous = entry.hash
    return count


def _digest(entry: AuditEntry) -> bytes:
    content = json.dumps(
        [
            entry.sequence,
            entry.at.timestamp(),
            entry.actor,
            str(entry.account_id or ""),
            entry.action,
            entry.subject,
            entry.details,
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return sha256(entry.previous + content.encode()).digest()
