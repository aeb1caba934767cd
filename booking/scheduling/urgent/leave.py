"""Urgent cases of an officer who takes leave: to a colleague or back to the queue, on the record.

A case that waits for a second approval is in nobody's hands: it stays where it is, and its first approval stands.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.permissions import Permission, allows, require
from booking.people.hands.handling import cases_held, officer_for, record
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError
from booking.platform.models import Account, UrgentRequest
from booking.platform.models.states import Role, UrgentState
from booking.scheduling.urgent.rows import URGENT


@dataclass(frozen=True, slots=True)
class Hands:
    """An officer of an office, and how many cases are in their hands."""

    account_id: UUID
    username: str
    cases: int


def hands(core: Core, *, officer_id: UUID) -> list[Hands]:
    """List who decides urgent cases at an officer's own office, by name; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.DECIDE_URGENT)
        held = (
            select(UrgentRequest.assigned_to, func.count().label("cases"))
            .where(UrgentRequest.state == UrgentState.ASSIGNED, UrgentRequest.office_id == officer.office_id)
            .group_by(UrgentRequest.assigned_to)
            .subquery()
        )
        rows = session.execute(
            select(Account, func.coalesce(held.c.cases, 0))
            .outerjoin(held, held.c.assigned_to == Account.id)
            .where(Account.office_id == officer.office_id, Account.closed_at.is_(None))
            .order_by(Account.username)
        ).all()
        return [Hands(one.id, one.username, cases) for one, cases in rows if _may(one, Permission.DECIDE_URGENT)]


def hand_over(core: Core, *, by: UUID, held_by: UUID, to: UUID | None, reason: str) -> int:
    """Hand all cases of an officer over to a colleague of the office, or back to the queue; return how many.

    Parameters
    ----------
    by
        The officer themselves, or a supervisor of the office.
    to
        The colleague; None for the queue.

    Raises
    ------
    InvalidInputError
        There is no reason; the colleague is the officer, or may not decide one of the cases, and then none moved.
    ForbiddenError
        ``by`` is neither the officer nor their supervisor.
    """
    reason = fields.words("reason", reason)
    if to == held_by:
        raise InvalidInputError([FieldError("to", "choose_one")])
    with core.sessions.begin() as session:
        actor = require(session.get(Account, by), Permission.DECIDE_URGENT)
        if by != held_by:
            require(actor, Permission.APPROVE_SECOND)
        moved = 0
        for case in cases_held(URGENT, session, held_by):
            officer = officer_for(URGENT, session, by, case, gives_away=True)
            case.move_to(UrgentState.SUBMITTED)
            case.hand_back()
            if to is not None:
                _take(session, case, to, core.clock.now())
            details = {"held_by": str(held_by), "to": None if to is None else str(to), "reason": reason}
            record(URGENT, session, core, case=case, officer=officer, action="handed_over", details=details)
            moved += 1
        return moved


def _take(session: Session, case: UrgentRequest, to: UUID, at: datetime) -> None:
    try:
        colleague = officer_for(URGENT, session, to, case)
        if case.for_supervisor:
            require(colleague, Permission.APPROVE_SECOND, office_id=case.office_id)
    except ForbiddenError:
        raise InvalidInputError([FieldError("to", "may_not_decide")]) from None
    case.move_to(UrgentState.ASSIGNED)
    case.hand_to(to, at)


def _may(account: Account, permission: Permission) -> bool:
    return allows([Role(role) for role in account.roles], account.office_id, permission)
