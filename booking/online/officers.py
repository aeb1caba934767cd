"""Officers of the agency and their cases: who may touch one, and how it gets into their hands and out again."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.base.errors import ForbiddenError, IllegalMoveError, NotFoundError
from booking.core import audit
from booking.core.core import Core
from booking.core.own_cases import refuse_own_online_case
from booking.core.permissions import Permission, require_agency
from booking.models import Account, OnlineCase
from booking.models.base import Json
from booking.models.online.states import OnlineState
from booking.online.errors import CaseNotInHandsError
from booking.online.rows import locked_case


def officer_for(
    session: Session, officer_id: UUID, case: OnlineCase, permission: Permission, *, gives_away: bool = False
) -> Account:
    """Return an officer of the case's agency.

    Parameters
    ----------
    gives_away
        The case leaves the officer's hands undecided, which is right for one's own case too.

    Raises
    ------
    ForbiddenError
        Not of this agency, or without the permission.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        It was never sent.
    """
    officer = require_agency(session.get(Account, officer_id), permission, agency_code=case.agency_code)
    if case.submitted_at is None:
        raise NotFoundError
    if not gives_away:
        refuse_own_online_case(session, officer_id, case)
    return officer


def claim(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Take a waiting case into one's hands; again, it changes nothing.

    Raises
    ------
    CaseNotInHandsError
        Someone else was first.
    ForbiddenError, NotFoundError, IllegalMoveError
        Not of this agency, or one's own; unknown; not waiting.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(session, officer_id, case, Permission.HANDLE_ONLINE)
        if case.assigned_to is not None and case.state in {OnlineState.ASSIGNED, OnlineState.APPROVED}:
            if case.assigned_to != officer_id:
                raise CaseNotInHandsError
            return
        if case.state is not OnlineState.SUBMITTED:
            raise IllegalMoveError(case.state, OnlineState.ASSIGNED)
        case.move_to(OnlineState.ASSIGNED)
        case.assigned_to, case.assigned_at = officer_id, core.clock.now()
        record(session, core, case=case, officer=officer, action="claimed")


def release(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Give an undecided case back to the queue; a supervisor may also release what someone else holds.

    Raises
    ------
    CaseNotInHandsError, ForbiddenError, NotFoundError
        It is in nobody's hands, or in someone else's; not of this agency; unknown.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(session, officer_id, case, Permission.HANDLE_ONLINE, gives_away=True)
        if case.state is not OnlineState.ASSIGNED or not (case.assigned_to == officer_id or supervises(officer)):
            raise CaseNotInHandsError
        held_by = str(case.assigned_to)
        case.move_to(OnlineState.SUBMITTED)
        case.assigned_to = case.assigned_at = None
        record(session, core, case=case, officer=officer, action="released", details={"held_by": held_by})


def held_case(session: Session, reference: str, officer_id: UUID, state: OnlineState) -> tuple[OnlineCase, Account]:
    """Return a case in this officer's hands, locked, with the officer.

    Raises
    ------
    CaseNotInHandsError
        Nobody or someone else has it, or it stands elsewhere.
    ForbiddenError, NotFoundError
        The account may not handle it; there is none.
    """
    case = locked_case(session, reference)
    officer = officer_for(session, officer_id, case, Permission.HANDLE_ONLINE)
    if case.state is not state or case.assigned_to != officer_id:
        raise CaseNotInHandsError
    return case, officer


def supervises(officer: Account) -> bool:
    """Tell whether an officer also supervises the agency's cases."""
    try:
        require_agency(officer, Permission.REVOKE_RESULTS)
    except ForbiddenError:
        return False
    return True


def record(
    session: Session, core: Core, *, case: OnlineCase, officer: Account, action: str, details: Json | None = None
) -> None:
    """Append what an officer did with a case to the audit log."""
    audit.append(
        session,
        at=core.clock.now(),
        actor=officer.username,
        account_id=officer.id,
        action=f"online.{action}",
        subject=case.reference,
        details=details,
    )
