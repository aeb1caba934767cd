"""Whatever gives a colleague more is proposed by one administrator and made when another one confirms it.

A new account, other roles, a link with the sign-in provider, a reset of the second factor, a closed account that opens
again, another person: each would let one administrator become a colleague, or make one up.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core import audit, sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import (
    ChangeOverError,
    Permission,
    SecondAdministratorNeededError,
    may_be_second,
    require,
)
from booking.country.core.messages import tell_at_once
from booking.people.staff.wanted import Wanted, carry_out_in, seal, unseal, who_in
from booking.platform.base import fields
from booking.platform.base.errors import NotFoundError
from booking.platform.base.message_states import Channel
from booking.platform.models import Account, ContactChannel, StaffChange
from booking.platform.models.accounts.person import StaffChangeKind, StaffChangeState

WAITS: Final = timedelta(days=7)
"""How long a proposal waits for a second administrator."""


def propose(
    core: Core,
    *,
    by: UUID,
    kind: StaffChangeKind,
    reason: str,
    account_id: UUID | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008 - it never changes
) -> UUID:
    """Propose a change of a colleague's account, or a new one (``account_id`` None); return the proposal's id.

    The change is tried and taken back at once, so that its form says what is wrong with it now.

    Raises
    ------
    InvalidInputError
        There is no reason, or a field is unusable.
    ForbiddenError
        ``by`` is not an administrator, or the account is of the same person.
    NotFoundError
        There is no such colleague, or no provider to link them with.
    MawidError
        What else the verb of the kind refuses: see `booking.people.staff.change` and `booking.people.staff.create`.
    """
    who = who_in(core, kind, wanted)
    reason, now, change_id = fields.words("reason", reason), core.clock.now(), uuid4()
    with core.sessions.begin() as session:
        administrator = require(session.get(Account, by), Permission.MANAGE_STAFF)
        attempt = session.begin_nested()
        carry_out_in(session, core, kind, wanted, account_id=account_id, who=who, by=by, reason=reason)
        attempt.rollback()
        session.add(
            StaffChange(
                id=change_id,
                kind=kind,
                account_id=account_id,
                wanted=seal(core.vault, change_id, wanted),
                reason=reason,
                proposed_by=administrator.id,
                proposed_at=now,
                expires_at=now + WAITS,
            )
        )
        about = {"change": str(change_id), "kind": kind.value, "reason": reason}
        audit.record(session, core, administrator, "staff.proposed", str(account_id or ""), **about)
    return change_id


def confirm(core: Core, *, by: UUID, change_id: UUID) -> UUID:
    """Make a proposed change as a second administrator; return the colleague's account, whose owner is told of it.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator, or it is the account of the same person; or who proposed it is not one any more.
    SecondAdministratorNeededError
        The person ``by`` proposed it, with this account or another one.
    ChangeOverError
        It was decided, or waited for too long.
    NotFoundError
        There is no such proposal.
    SessionsUnavailableError
        The colleague's sessions cannot be ended now, so nothing changed.
    MawidError
        The change cannot be made any more: see `propose`.
    """
    kind, wanted = _read(core, by, change_id)
    who = who_in(core, kind, wanted)  # asked before the transaction: the register may take its time
    with core.sessions.begin() as session:
        administrator, change = _open(session, core, by, change_id)
        require(session.get(Account, change.proposed_by), Permission.MANAGE_STAFF)
        if not may_be_second(session, core, by, change.proposed_by):
            raise SecondAdministratorNeededError
        account_id = carry_out_in(
            session, core, kind, wanted, account_id=change.account_id, who=who, by=by, reason=change.reason
        )
        change.account_id = account_id
        change.end(StaffChangeState.CONFIRMED, at=core.clock.now(), by=by)
        about = {"change": str(change_id), "kind": kind.value, "proposed_by": str(change.proposed_by)}
        audit.record(session, core, administrator, "staff.confirmed", str(account_id), **about)
        _tell_everywhere(session, core, account_id)
        sessions.delete_all(core, account_id)
    sessions.delete_all(core, account_id)
    return account_id


def refuse(core: Core, *, by: UUID, change_id: UUID) -> None:
    """Refuse a proposed change, or take one's own back: any administrator may, for nothing changes.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator.
    ChangeOverError
        It was decided, or waited for too long.
    NotFoundError
        There is no such proposal.
    """
    with core.sessions.begin() as session:
        administrator, change = _open(session, core, by, change_id)
        change.end(StaffChangeState.REFUSED, at=core.clock.now(), by=by)
        about = {"change": str(change_id), "kind": change.kind.value, "proposed_by": str(change.proposed_by)}
        audit.record(session, core, administrator, "staff.refused", str(change.account_id or ""), **about)


def expire(core: Core) -> int:
    """End proposals that waited for too long and forget what they wanted; return how many."""
    now = core.clock.now()
    over = select(StaffChange).where(StaffChange.state == StaffChangeState.PROPOSED, StaffChange.expires_at <= now)
    with core.sessions.begin() as session:
        changes = session.scalars(over.with_for_update(skip_locked=True)).all()
        for change in changes:
            change.end(StaffChangeState.EXPIRED, at=now)
    return len(changes)


def _read(core: Core, by: UUID, change_id: UUID) -> tuple[StaffChangeKind, Wanted]:
    with core.sessions.begin() as session:
        _, change = _open(session, core, by, change_id)
        if change.wanted is None:
            raise ChangeOverError
        return change.kind, unseal(core.vault, change_id, change.wanted)


def _open(session: Session, core: Core, by: UUID, change_id: UUID) -> tuple[Account, StaffChange]:
    administrator = require(session.get(Account, by), Permission.MANAGE_STAFF)
    change = session.get(StaffChange, change_id, with_for_update=True)
    if change is None:
        raise NotFoundError
    if change.state is not StaffChangeState.PROPOSED or core.clock.now() >= change.expires_at:
        raise ChangeOverError
    return administrator, change


def _tell_everywhere(session: Session, core: Core, account_id: UUID) -> None:
    """Tell the colleague by every address that they confirmed, whichever they chose first: one may be a thief's."""
    confirmed = select(ContactChannel.kind).where(
        ContactChannel.account_id == account_id, ContactChannel.confirmed_at.is_not(None)
    )
    for channel in {Channel.SMS, *session.scalars(confirmed)}:
        tell_at_once(session, core, account_id, "staff_changed", channel)
