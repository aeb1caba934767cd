"""Who put whom ahead in the hall: how often each clerk lets somebody go first by law, beside all colleagues.

Nobody chooses whom to call, so this is the one way to favour somebody in the line. A figure finds nobody guilty.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking.antifraud.watching.limits import Standing, standing
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, require
from booking.desk.hall.reckon import KEPT
from booking.platform.models import Account, AuditEntry, Office

FEW: Final = 3
"""Fewer are no sign of anything: who stands at the entrance and calls nobody meets them, too."""
CALLED, FIRST, BACK, SENT = "hall.called", "hall.put_first", "hall.put_back", "hall.sent_on"


@dataclass(frozen=True, slots=True)
class Clerk:
    """What a clerk did in the line; ``standing`` is that of ``first`` of ``called`` against all colleagues together."""

    username: str
    called: int
    first: int
    back: int
    sent: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class FirstByLaw:
    """Who worked in the hall of an office since some instant, those who put most people first before others."""

    office: Office
    since: datetime
    clerks: Sequence[Clerk]


def first_by_law(core: Core, *, officer_id: UUID) -> FirstByLaw:
    """Count what clerks did in the line of the supervisor's office; each look is in the audit log.

    Raises
    ------
    ForbiddenError
        The account is not a supervisor of an office.
    """
    since = core.clock.now() - KEPT
    with core.sessions.begin() as session:
        officer = require(session.get(Account, officer_id), Permission.PLAN_ROSTER)
        office = session.get_one(Office, officer.office_id)
        counts = _counts(session, office, since)
        audit.record(session, core, officer, "watch.looked_at", office.code, by="hall", first=since.date().isoformat())
    clerks = [_clerk(name, counts) for name in counts]
    return FirstByLaw(office, since, sorted(clerks, key=lambda one: (-one.first, one.username)))


def _clerk(name: str, counts: Mapping[str, Counter[str]]) -> Clerk:
    mine = counts[name]
    others = sum((each for other, each in counts.items() if other != name), Counter[str]())
    found = Standing.WITHIN
    if others[CALLED] and (mine[FIRST] >= FEW or mine[CALLED] >= mine[FIRST]):
        # one more than there were, so that the first of an office is no wonder yet
        share = (min(others[FIRST], others[CALLED]) + 1) / (others[CALLED] + 2)
        found = standing(mine[FIRST], max(mine[CALLED], mine[FIRST]), share)
    return Clerk(name, mine[CALLED], mine[FIRST], mine[BACK], mine[SENT], found)


def _counts(session: Session, office: Office, since: datetime) -> Mapping[str, Counter[str]]:
    """Return how often each did what at an office, of those who did anything there, wherever they serve now.

    What processes before this version put on record does not say where: it counts for the office of now.
    """
    first, where = audit.first_since(session, since), AuditEntry.details["office"].astext
    changed = select(AuditEntry.subject).where(AuditEntry.action.startswith("staff."), AuditEntry.sequence >= first)
    here = set(session.scalars(select(Account.username).where(Account.office_id == office.id)))
    were_here = session.scalars(select(Account.username).where(Account.id.in_(set(_ids(session.scalars(changed))))))
    rows = session.execute(
        select(AuditEntry.actor, AuditEntry.action, func.count())
        .where(
            AuditEntry.actor.in_(here | set(were_here)),
            AuditEntry.sequence >= first,
            AuditEntry.action.in_([CALLED, FIRST, BACK, SENT]),
            or_(where == office.code, where.is_(None) & AuditEntry.actor.in_(here)),
        )
        .group_by(AuditEntry.actor, AuditEntry.action)
    )
    counts: dict[str, Counter[str]] = {}
    for actor, action, count in rows:
        counts.setdefault(actor, Counter())[action] = count
    return counts


def _ids(subjects: Iterable[str]) -> Iterator[UUID]:
    """Yield the accounts that entries of the audit log are about; those about none name something else."""
    for one in subjects:
        with suppress(ValueError):
            yield UUID(one)
