"""Find an urgent case, locked for a change, with someone who may change it; and keep what they did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.base.errors import InvalidInputError, NotFoundError
from booking.core import audit
from booking.core.core import Core
from booking.core.own_cases import refuse_own_request
from booking.core.permissions import Permission, require
from booking.models import Account, Request, UrgentDecision, UrgentRequest
from booking.models.base import Json
from booking.models.requests.states import LIVE_URGENT_STATES, UrgentAct, UrgentState
from booking.urgent.errors import NotClaimedError
from booking.urgent.reasons import check_reason


def locked_case(session: Session, reference: str) -> UrgentRequest:
    """Return a case, its request locked first and then itself; raises NotFoundError."""
    request_id = session.scalar(select(UrgentRequest.request_id).where(UrgentRequest.reference == reference))
    if request_id is None:
        raise NotFoundError
    session.scalars(select(Request).where(Request.id == request_id).with_for_update(of=Request)).one()
    return session.scalars(
        select(UrgentRequest).where(UrgentRequest.reference == reference).with_for_update(of=UrgentRequest)
    ).one()


def live_case(session: Session, request_id: UUID, *, lock: bool = False) -> UrgentRequest | None:
    """Return the live case of a request; None where it has none. Who locks it has locked the request."""
    statement = select(UrgentRequest).where(
        UrgentRequest.request_id == request_id, UrgentRequest.state.in_(LIVE_URGENT_STATES)
    )
    return session.scalar(statement.with_for_update(of=UrgentRequest) if lock else statement)


def own_case(session: Session, account_id: UUID, request_reference: str) -> UrgentRequest:
    """Return the live case of one's own request, both locked; raises NotFoundError."""
    request = session.scalar(
        select(Request)
        .where(Request.reference == request_reference, Request.account_id == account_id)
        .with_for_update(of=Request)
    )
    case = live_case(session, request.id, lock=True) if request is not None else None
    if case is None:
        raise NotFoundError
    return case


def officer_for(
    session: Session, officer_id: UUID, case: UrgentRequest, permission: Permission, *, gives_away: bool = False
) -> Account:
    """Return an officer of the case's office.

    Parameters
    ----------
    gives_away
        The case leaves the officer's hands undecided, which is right for one's own case too.

    Raises
    ------
    ForbiddenError
        Not of this office, or without the permission.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        It was never sent to officers.
    """
    officer = require(session.get(Account, officer_id), permission, office_id=case.office_id)
    if case.submitted_at is None:
        raise NotFoundError
    if not gives_away:
        refuse_own_request(session, officer_id, case.request_id)
    return officer


def claimed_case(session: Session, reference: str, officer_id: UUID) -> tuple[UrgentRequest, Account]:
    """Return a case that this officer has claimed, and the officer.

    Raises
    ------
    NotClaimedError
        Nobody or someone else has it.
    ForbiddenError, NotFoundError
        The account may not decide it; there is none.
    """
    case = locked_case(session, reference)
    officer = officer_for(session, officer_id, case, Permission.DECIDE_URGENT)
    if case.state is not UrgentState.ASSIGNED or case.assigned_to != officer_id:
        raise NotClaimedError
    return case, officer


def decide(
    session: Session,
    core: Core,
    *,
    case: UrgentRequest,
    officer: Account,
    act: UrgentAct,
    reason: str,
    note: str,
    slot_id: int | None = None,
    position: int | None = None,
    details: Json | None = None,
) -> UrgentDecision:
    """Keep a decision with its reason code and note, in the case's history and in the audit log.

    Raises
    ------
    InvalidInputError
        ``reason`` is no code of this act, or there is no note.
    """
    note, errors = check_reason(act, reason, note)
    if errors:
        raise InvalidInputError(errors)
    decision = UrgentDecision(
        urgent_request_id=case.id,
        officer_id=officer.id,
        act=act,
        position=position,
        slot_id=slot_id,
        reason_code=reason,
        note=note,
        details=details or {},
        at=core.clock.now(),
    )
    session.add(decision)
    session.flush()
    record(
        session,
        core,
        case=case,
        officer=officer,
        action=act.value,
        details={"reason": reason, "note": note, **(details or {}), **({"position": position} if position else {})},
    )
    return decision


def record(
    session: Session, core: Core, *, case: UrgentRequest, officer: Account, action: str, details: Json | None = None
) -> None:
    """Append what an officer did with a case to the audit log."""
    audit.append(
        session,
        at=core.clock.now(),
        actor=officer.username,
        account_id=officer.id,
        action=f"urgent.{action}",
        subject=case.reference,
        details=details,
    )


def hand_back(case: UrgentRequest) -> None:
    """Take the case out of its officer's hands."""
    case.assigned_to, case.assigned_at = None, None


def hand_to(case: UrgentRequest, officer_id: UUID, at: datetime) -> None:
    """Give the case into an officer's hands."""
    case.move_to(UrgentState.ASSIGNED)
    case.assigned_to, case.assigned_at = officer_id, at
