"""Colleagues as administrators see them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import KEY, Permission, ever_looked_for, require
from booking.country.core.security import report
from booking.people.accounts.identity import read_national_number
from booking.people.staff.wanted import Wanted, unseal
from booking.platform.base.errors import NotFoundError
from booking.platform.base.security_events import Outcome
from booking.platform.models import Account, AuditEntry, Office, ProviderSubject, StaffChange, StaffPerson
from booking.platform.models.accounts.person import IS_STAFF, StaffChangeKind, StaffChangeState, has_any
from booking.platform.models.states import Role
from booking.transparency.log.audit_heads import compare_audit_in


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account of someone who works here; ``office`` and ``agency`` are None where there is none.

    ``subject`` is who they are at the provider that the settings name; "" where nobody linked them. ``matched`` is
    whether the register said which person it is.
    """

    account_id: UUID
    username: str
    roles: tuple[Role, ...]
    office: Office | None
    agency: str | None
    has_second_factor: bool
    closed_at: datetime | None
    subject: str
    matched: bool


def list_colleagues(core: Core) -> list[Colleague]:
    """List everyone with a role of staff by name, closed accounts last."""
    with core.sessions() as session:
        rows = session.execute(_staff(core).order_by(Account.closed_at.is_not(None), Account.username)).all()
    return [_colleague(row) for row in rows]


def find_colleague(core: Core, account_id: UUID) -> Colleague:
    """Return one colleague; raises NotFoundError for a citizen's account too."""
    with core.sessions() as session:
        row = session.execute(_staff(core).where(Account.id == account_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _colleague(row)


def _staff(core: Core) -> Select[Account, Office, bool, str | None, bool]:
    here = and_(ProviderSubject.account_id == Account.id, ProviderSubject.issuer == (core.settings.oidc_issuer or ""))
    return (
        select(Account, Office, has_any(Account.id), ProviderSubject.subject, StaffPerson.account_id.is_not(None))
        .outerjoin(Office, Office.id == Account.office_id)
        .outerjoin(ProviderSubject, here)
        .outerjoin(StaffPerson, StaffPerson.account_id == Account.id)
        .where(IS_STAFF)
    )


def _colleague(row: Row[Account, Office, bool, str | None, bool]) -> Colleague:
    account, office, has_factor, subject, matched = row
    roles = tuple(Role(role) for role in account.roles)
    return Colleague(
        account_id=account.id,
        username=account.username,
        roles=roles,
        office=office,
        agency=account.agency_code,
        has_second_factor=has_factor,
        closed_at=account.closed_at,
        subject=subject or "",
        matched=matched,
    )


_PROPOSER, _COLLEAGUE = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal, with the user names of who made it and whom it is about: "" for a new account.

    ``wanted`` are its fields; None once it is over.
    """

    id: UUID
    kind: StaffChangeKind
    state: StaffChangeState
    account_id: UUID | None
    username: str
    reason: str
    proposed_by: str
    proposer_id: UUID
    expires_at: datetime
    wanted: Wanted | None


def list_waiting(core: Core) -> list[Waiting]:
    """List the proposals that can still be confirmed, those that end first before the others."""
    waits = StaffChange.state == StaffChangeState.PROPOSED, StaffChange.expires_at > core.clock.now()
    with core.sessions() as session:
        rows = session.execute(_changes().where(*waits).order_by(StaffChange.expires_at)).all()
    return [_waiting(core, row) for row in rows]


def find_change(core: Core, change_id: UUID) -> Waiting:
    """Return one proposal, over or not; raises NotFoundError."""
    with core.sessions() as session:
        row = session.execute(_changes().where(StaffChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _waiting(core, row)


def _changes() -> Select[StaffChange, str, str | None]:
    return (
        select(StaffChange, _PROPOSER.username, _COLLEAGUE.username)
        .join(_PROPOSER, _PROPOSER.id == StaffChange.proposed_by)
        .outerjoin(_COLLEAGUE, _COLLEAGUE.id == StaffChange.account_id)
    )


def _waiting(core: Core, row: Row[StaffChange, str, str | None]) -> Waiting:
    change, proposer, colleague = row
    return Waiting(
        id=change.id,
        kind=change.kind,
        state=change.state,
        account_id=change.account_id,
        username=colleague or "",
        reason=change.reason,
        proposed_by=proposer,
        proposer_id=change.proposed_by,
        expires_at=change.expires_at,
        wanted=None if change.wanted is None else unseal(core.vault, change.id, change.wanted),
    )


MOST: Final = 200


def who_looked_for(core: Core, *, by: UUID, national_number: str) -> Sequence[AuditEntry]:
    """Find the searches for a person, newest first; that somebody asked, and about whom, is on record before.

    Raises
    ------
    FieldError
        It is not a national number.
    ForbiddenError
        ``by`` may not read the audit log.
    """
    hashes = ever_looked_for(core, read_national_number(core, national_number))
    with core.sessions.begin() as session:
        reader = require(session.get(Account, by), Permission.READ_AUDIT)
        found = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.details[KEY].astext.in_(hashes))
            .order_by(AuditEntry.sequence.desc())
            .limit(MOST)
        ).all()
        audit.record(session, core, reader, "audit.looked_for", "audit log", **{KEY: hashes[-1]}, found=len(found))
        return found


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
