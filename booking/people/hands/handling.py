"""How one kind of case is handled: who may touch it, who holds it, and what is put on record."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission
from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.models import Account, AuditEntry
from booking.platform.models.base import Json
from booking.platform.models.hands import InHands

Case = TypeVar("Case", bound=InHands)
State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Handling(Generic[Case, State]):
    """What one kind of case says of itself.

    Attributes
    ----------
    name
        The first part of its actions in the audit log.
    handle, supervise
        What an officer may do who decides such cases, and one who may also see and release what a colleague holds.
    waiting, assigned, held
        In the queue; just taken; all states in which it is in somebody's hands.
    locking_order
        The column that sets the order in which several cases of the kind are locked.
    lock
        Find a case by its reference, locked; raises NotFoundError.
    move
        Make one move of its life cycle.
    require
        Return the account if it may do something with this case; else raise ForbiddenError.
    refuse_own
        Raise OwnCaseError where the case is of the officer's own person, household or phone.
    for_supervisors
        Return whether only those who supervise may take it.
    """

    name: str
    model: type[Case]
    handle: Permission
    supervise: Permission
    waiting: State
    assigned: State
    held: frozenset[State]
    locking_order: InstrumentedAttribute[Any]
    lock: Callable[[Session, str], Case]
    move: Callable[[Case, State], None]
    require: Callable[[Account | None, Permission, Case], Account]
    refuse_own: Callable[[Session, UUID, Case], None]
    for_supervisors: Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """An officer who may read a case: it is in their hands, or they supervise its holder."""

    officer: Account
    mine: bool
    supervises: bool


def officer_for(
    kind: Handling[Case, State],
    session: Session,
    officer_id: UUID,
    case: Case,
    permission: Permission | None = None,
    *,
    gives_away: bool = False,
) -> Account:
    """Return an officer who may do something with a case.

    Parameters
    ----------
    permission
        What it takes; None: to handle such cases.
    gives_away
        The case leaves the officer's hands undecided, which is right for one's own case too.

    Raises
    ------
    ForbiddenError
        The account is not of the case's office or agency, or has no such permission.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        The case was never sent to officers.
    """
    officer = kind.require(session.get(Account, officer_id), permission or kind.handle, case)
    if case.submitted_at is None:
        raise NotFoundError
    if not gives_away:
        kind.refuse_own(session, officer_id, case)
    return officer


def supervises(kind: Handling[Case, State], officer: Account, case: Case) -> bool:
    """Return whether an officer also supervises those who handle the case."""
    try:
        kind.require(officer, kind.supervise, case)
    except ForbiddenError:
        return False
    return True


def held_case(
    kind: Handling[Case, State], session: Session, reference: str, officer_id: UUID, state: State | None = None
) -> tuple[Case, Account]:
    """Return a case in this officer's hands, locked, with the officer.

    Parameters
    ----------
    state
        Where it must stand; None: just taken.

    Raises
    ------
    CaseNotInHandsError
        Nobody or someone else has it, or it is in another state.
    ForbiddenError
        The officer is not of the case's office or agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent to officers.
    """
    case = kind.lock(session, reference)
    officer = officer_for(kind, session, officer_id, case)
    if case.state is not (state or kind.assigned) or case.assigned_to != officer_id:
        raise CaseNotInHandsError
    return case, officer


def cases_held(kind: Handling[Case, State], session: Session, officer_id: UUID) -> list[Case]:
    """Return the cases in an officer's hands, all locked, in one order for all who lock several.

    All are locked before the first goes on record: the audit log has a lock of its own, which comes last everywhere.
    """
    references = session.scalars(
        select(kind.model.reference)
        .where(kind.model.assigned_to == officer_id, kind.model.state.in_(kind.held))
        .order_by(kind.locking_order)
    ).all()
    cases = [kind.lock(session, reference) for reference in references]
    return [one for one in cases if one.state in kind.held and one.assigned_to == officer_id]


def find_case(kind: Handling[Case, State], session: Session, reference: str) -> Case:
    """Return a case, not locked; raises NotFoundError."""
    case = session.scalar(select(kind.model).where(kind.model.reference == reference))
    if case is None:
        raise NotFoundError
    return case


def check_reach(kind: Handling[Case, State], core: Core, *, officer_id: UUID, reference: str) -> None:
    """Refuse an officer from elsewhere before anything else is looked at.

    Raises
    ------
    ForbiddenError
        The officer is not of the case's office or agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it was never sent to officers.
    """
    with core.sessions() as session:
        officer_for(kind, session, officer_id, find_case(kind, session, reference))


def reader_of(kind: Handling[Case, State], session: Session, officer_id: UUID, case: Case) -> Reader:
    """Return who reads a case; the caller puts the reading on record.

    Raises
    ------
    CaseNotInHandsError
        Someone else has it, or nobody: it is taken first.
    ForbiddenError
        The officer is not of the case's office or agency, or may not handle such cases.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        The case was never sent to officers.
    """
    officer = officer_for(kind, session, officer_id, case)
    reader = Reader(officer, mine=case.assigned_to == officer_id, supervises=supervises(kind, officer, case))
    if not reader.mine and not reader.supervises:
        raise CaseNotInHandsError
    return reader


def record(
    kind: Handling[Case, State],
    session: Session,
    core: Core,
    *,
    case: Case,
    officer: Account,
    action: str,
    details: Json | None = None,
) -> AuditEntry:
    """Append what an officer did with a case to the audit log."""
    return audit.record(session, core, officer, f"{kind.name}.{action}", case.reference, **(details or {}))
