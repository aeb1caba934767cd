"""An officer takes a case into their hands, gives it back, or refers it to someone else."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.base.errors import FieldError, ForbiddenError, IllegalMoveError, InvalidInputError
from booking.core.core import Core
from booking.core.permissions import Permission, allows
from booking.models import Office, UrgentRequest
from booking.models.requests.states import Role, UrgentAct, UrgentState
from booking.urgent.errors import NotClaimedError
from booking.urgent.rows import claimed_case, decide, hand_back, hand_to, locked_case, officer_for, record


def claim(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Take a waiting case into one's hands. Claiming one's own case again changes nothing.

    Raises
    ------
    NotClaimedError
        Someone else was first.
    OwnCaseError
        It is of the officer's own person, household or phone.
    ForbiddenError, NotFoundError, IllegalMoveError
        Not of this office, or only for its supervisors; unknown; not waiting.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(session, officer_id, case, Permission.DECIDE_URGENT)
        if case.state is UrgentState.ASSIGNED:
            if case.assigned_to != officer_id:
                raise NotClaimedError
            return
        if case.state is not UrgentState.SUBMITTED:  # the table's other ways into their hands are those of undoing
            raise IllegalMoveError(case.state, UrgentState.ASSIGNED)
        roles = [Role(role) for role in officer.roles]
        if case.for_supervisor and not allows(roles, officer.office_id, Permission.APPROVE_SECOND):
            raise ForbiddenError
        hand_to(case, officer_id, core.clock.now())
        record(session, core, case=case, officer=officer, action="claimed")


def release(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Give a case back to the queue; a supervisor may also release what someone else holds (leave, illness).

    Raises
    ------
    NotClaimedError, ForbiddenError, NotFoundError
        It is in nobody's hands, or in someone else's; not of this office; unknown.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        officer = officer_for(session, officer_id, case, Permission.DECIDE_URGENT, gives_away=True)
        supervises = allows([Role(role) for role in officer.roles], officer.office_id, Permission.APPROVE_SECOND)
        if case.state is not UrgentState.ASSIGNED or (case.assigned_to != officer_id and not supervises):
            raise NotClaimedError
        held_by = str(case.assigned_to)
        case.move_to(UrgentState.SUBMITTED)
        hand_back(case)
        record(session, core, case=case, officer=officer, action="released", details={"held_by": held_by})


def refer(
    core: Core, *, officer_id: UUID, reference: str, reason: str, note: str, office_code: str | None = None
) -> None:
    """Refer a claimed case: to another office, or where ``office_code`` is None to the supervisors of this one.

    Raises
    ------
    InvalidInputError
        No reason code or note; no such office behind the same door.
    NotClaimedError, ForbiddenError, NotFoundError
        As for every decision.
    """
    with core.sessions.begin() as session:
        case, officer = claimed_case(session, reference, officer_id)
        target = None if office_code is None else _office(session, case, office_code)
        decide(
            session,
            core,
            case=case,
            officer=officer,
            act=UrgentAct.REFERRAL,
            reason=reason,
            note=note,
            details={"office": office_code, "supervisors": target is None},
        )
        case.move_to(UrgentState.SUBMITTED)
        hand_back(case)
        case.for_supervisor = target is None
        if target is not None:
            case.office_id = target.id


def _office(session: Session, case: UrgentRequest, code: str) -> Office:
    office = session.scalar(select(Office).where(Office.code == code, Office.active)) if code.isprintable() else None
    if office is None or office.door is not case.request.door or office.id == case.office_id:
        raise InvalidInputError([FieldError("office", "unknown_office")])
    return office
