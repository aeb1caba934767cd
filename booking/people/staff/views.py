"""Colleagues as administrators see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, and_, select

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Office, ProviderSubject, StaffPerson
from booking.platform.models.accounts.person import IS_STAFF, has_any
from booking.platform.models.states import Role


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
