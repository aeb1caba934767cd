"""An officer takes a case into their hands and gives it back; what is held by one who leaves waits again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core, Departure
from booking.people.evidence.accept import File, Page
from booking.people.evidence.store import EvidenceStore
from booking.people.hands.errors import CaseNotInHandsError
from booking.people.hands.handling import (
    Case,
    Handling,
    State,
    cases_held,
    find_case,
    officer_for,
    reader_of,
    record,
    supervises,
)
from booking.platform.base.errors import ForbiddenError, IllegalMoveError, NotFoundError
from booking.platform.models import Account


def claim(kind: Handling[Case, State], core: Core, *, officer_id: UUID, reference: str) -> None:
    """Take a waiting case into one's hands. Claiming one's own case again changes nothing.

    Raises
    ------
    CaseNotInHandsError
        Someone else was first.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    ForbiddenError
        The case is of another office or agency, or only for supervisors.
    NotFoundError
        There is no such case, or it was never sent.
    IllegalMoveError
        The case does not wait.
    """
    with core.sessions.begin() as session:
        session.get(Account, officer_id, with_for_update={"read": True})  # whoever leaves takes no case with them
        case = kind.lock(session, reference)
        officer = officer_for(kind, session, officer_id, case)
        if case.assigned_to is not None and case.state in kind.held:
            if case.assigned_to != officer_id:
                raise CaseNotInHandsError
            return
        if case.state is not kind.waiting:  # the other ways into somebody's hands are those of undoing
            raise IllegalMoveError(case.state, kind.assigned)
        if kind.for_supervisors(case) and not supervises(kind, officer, case):
            raise ForbiddenError
        kind.move(case, kind.assigned)
        case.hand_to(officer_id, core.clock.now())
        record(kind, session, core, case=case, officer=officer, action="claimed")


def release(kind: Handling[Case, State], core: Core, *, officer_id: UUID, reference: str) -> None:
    """Give a case back to the queue; a supervisor may also release what someone else holds (leave, illness).

    Raises
    ------
    CaseNotInHandsError
        The case is in nobody's hands, in someone else's, or decided.
    ForbiddenError
        The case is of another office or agency.
    NotFoundError
        There is no such case, or it was never sent.
    """
    with core.sessions.begin() as session:
        case = kind.lock(session, reference)
        officer = officer_for(kind, session, officer_id, case, gives_away=True)
        mine = case.assigned_to == officer_id
        if case.state is not kind.assigned or not (mine or supervises(kind, officer, case)):
            raise CaseNotInHandsError
        held_by = str(case.assigned_to)
        kind.move(case, kind.waiting)
        case.hand_back()
        record(kind, session, core, case=case, officer=officer, action="released", details={"held_by": held_by})


def release_all(kinds: Sequence[Handling[Any, Any]], session: Session, core: Core, departure: Departure) -> None:
    """Put every case in the hands of an officer who leaves back into its queue, in the caller's transaction.

    An approved one keeps its approval on record and is looked at once more by the officer who goes on with it.
    """
    held = [(kind, case) for kind in kinds for case in cases_held(kind, session, departure.officer_id)]
    for kind, case in held:
        kind.move(case, kind.waiting)
        case.hand_back()
        audit.append(
            session,
            at=core.clock.now(),
            actor=departure.actor,
            account_id=departure.by,
            action=f"{kind.name}.released",
            subject=case.reference,
            details={"held_by": str(departure.officer_id), "reason": departure.reason},
        )


@dataclass(frozen=True, slots=True)
class Files(Generic[Case, State, File]):
    """The files that belong to one kind of case.

    Attributes
    ----------
    name
        What the audit log calls such a file.
    store
        Return where their pages are kept.
    case_of
        Return the id of the case that a file belongs to.
    """

    kind: Handling[Case, State]
    name: str
    table: type[File]
    store: Callable[[Core], EvidenceStore]
    case_of: Callable[[File], UUID]


def read_page(
    core: Core, files: Files[Case, State, File], *, officer_id: UUID, reference: str, file_id: UUID, page: int
) -> Page:
    """Return one page to the officer who has the case, or to one who supervises them.

    Raises
    ------
    CaseNotInHandsError
        Someone else has the case, or nobody.
    ForbiddenError
        It is of another office or agency.
    OwnCaseError
        It is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or it has no such page, or no longer.
    EvidenceUnavailableError
        The folder does not give the page.
    """
    with core.sessions.begin() as session:
        case = find_case(files.kind, session, reference)
        reader = reader_of(files.kind, session, officer_id, case)
        file = session.get(files.table, file_id)
        if file is None or files.case_of(file) != case.id or file.removed_at or not 0 <= page < file.pages:
            raise NotFoundError
        details = {files.name: str(file_id), "page": page}
        action = f"{files.name}_read"
        record(files.kind, session, core, case=case, officer=reader.officer, action=action, details=details)
    return Page(files.store(core).get(file_id, page))
