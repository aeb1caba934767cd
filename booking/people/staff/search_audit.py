"""Search and verify the audit log. Each search is an entry of the log itself."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.permissions import Permission, require
from booking.country.core.security import report
from booking.platform.base.security_events import Outcome
from booking.platform.models import Account, AuditEntry
from booking.transparency.log.audit_check import compare_audit_in

PAGE: Final = 50
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; "" or None does not matter.

    Parameters
    ----------
    actor
        A user name, or "system".
    action
        How an action begins: "review" finds ``review.accept`` and ``review.refuse``.
    subject
        A reference, or the id of an account.
    day
        A day at the country's capital.
    before
        Only entries with a smaller number: the next page.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    day: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Entries, newest first; ``before`` finds the next page, None after the last."""

    entries: Sequence[AuditEntry]
    before: int | None


def search_audit(core: Core, *, by: UUID, search: Search) -> Found:
    """Find entries; that someone looked, and for what, is on record before they see it.

    Raises
    ------
    ForbiddenError
        ``by`` may not read the log.
    """
    wanted = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(PAGE + 1)
    if search.actor:
        wanted = wanted.where(AuditEntry.actor == search.actor)
    if search.action:
        wanted = wanted.where(AuditEntry.action.startswith(search.action, autoescape=True))
    if search.subject:
        wanted = wanted.where(AuditEntry.subject == search.subject)
    if search.day is not None:
        start, end = _bounds(search.day, core.pack.country.time_zone)
        wanted = wanted.where(AuditEntry.at >= start, AuditEntry.at < end)
    if search.before is not None:
        wanted = wanted.where(AuditEntry.sequence < search.before)
    asked = {name: str(value)[:_LONGEST] for name, value in asdict(search).items() if value not in {"", None}}
    with core.sessions.begin() as session:
        reader = require(session.get(Account, by), Permission.READ_AUDIT)
        found = session.scalars(wanted).all()
        audit.record(session, core, reader, "audit.read", "audit log", **asked)
    return Found(found[:PAGE], found[PAGE - 1].sequence if len(found) > PAGE else None)


def _bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), ZoneInfo(zone))
    return start, datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def verify_audit(core: Core) -> int:
    """Check the whole audit log, also by what the public log says of it, and return its length.

    Raises
    ------
    booking.country.core.audit.BrokenChainError
        It was changed, which is reported as a security event.
    """
    try:
        with core.sessions() as session:
            length = audit.verify(session)
            compare_audit_in(session)
            return length
    except audit.BrokenChainError:
        report(core, "audit.broken", Outcome.FAILURE, reason="broken_chain")
        raise
