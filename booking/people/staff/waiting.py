"""Proposed changes of staff that wait for a second administrator, as administrators see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import aliased

from booking.country.core.core import Core
from booking.people.staff.wanted import Wanted, unseal
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, StaffChange
from booking.platform.models.accounts.person import StaffChangeKind, StaffChangeState

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
