"""Urgent cases of an officer who leaves or takes leave: to a colleague or back to the queue, on the record.

A case that waits for a second approval is in nobody's hands: it stays where it is, and its first approval stands.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.base import fields
from booking.base.errors import FieldError, ForbiddenError, InvalidInputError
from booking.core import audit
from booking.core.core import Core, Departure
from booking.core.permissions import Permission, allows, require
from booking.models import Account, UrgentRequest
from booking.models.requests.states import Role, UrgentState
from booking.urgent.rows import hand_back, hand_to, locked_case, officer_for, record


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
    """Give all cases in an officer's hands to a colleague of the office, or back to the queue; return how many.

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
        for case in _held(session, held_by):
            officer = officer_for(session, by, case, Permission.DECIDE_URGENT, gives_away=True)
            case.move_to(UrgentState.SUBMITTED)
            hand_back(case)
            if to is not None:
                _take(session, case, to, core.clock.now())
            details = {"held_by": str(held_by), "to": None if to is None else str(to), "reason": reason}
            record(session, core, case=case, officer=officer, action="handed_over", details=details)
            moved += 1
        return moved


def release_urgent_cases(session: Session, core: Core, departure: Departure) -> None:
    """Put every case in the hands of an officer who leaves back into the queue, in the caller's transaction."""
    for case in _held(session, departure.officer_id):
        case.move_to(UrgentState.SUBMITTED)
        hand_back(case)
        audit.append(
            session,
            at=core.clock.now(),
            actor=departure.actor,
            account_id=departure.by,
            action="urgent.released",
            subject=case.reference,
            details={"held_by": str(departure.officer_id), "reason": departure.reason},
        )


def _held(session: Session, held_by: UUID) -> list[UrgentRequest]:
    """Return the cases in an officer's hands, all locked, in one order for all who lock several.

    All are locked before the first goes on record: the audit log has a lock of its own, which comes last everywhere.
    """
    references = session.scalars(
        select(UrgentRequest.reference)
        .where(UrgentRequest.assigned_to == held_by, UrgentRequest.state == UrgentState.ASSIGNED)
        .order_by(UrgentRequest.request_id)
    ).all()
    cases = [locked_case(session, reference) for reference in references]
    return [one for one in cases if one.state is UrgentState.ASSIGNED and one.assigned_to == held_by]


def _take(session: Session, case: UrgentRequest, to: UUID, at: datetime) -> None:
    try:
        colleague = officer_for(session, to, case, Permission.DECIDE_URGENT)
        if case.for_supervisor:
            require(colleague, Permission.APPROVE_SECOND, office_id=case.office_id)
    except ForbiddenError:
        raise InvalidInputError([FieldError("to", "may_not_decide")]) from None
    hand_to(case, to, at)


def _may(account: Account, permission: Permission) -> bool:
    return allows([Role(role) for role in account.roles], account.office_id, permission)
