"""An officer reads a page of a file that belongs to a case; each look is on record."""

from collections.abc import Callable
from uuid import UUID

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.evidence.accept import File, Page
from booking.evidence.store import EvidenceStore
from booking.hands.handling import Case, Handling, State, find_case, reader_of, record


def read_page(
    kind: Handling[Case, State],
    core: Core,
    store: EvidenceStore,
    table: type[File],
    *,
    officer_id: UUID,
    reference: str,
    file_id: UUID,
    page: int,
    name: str,
    case_of: Callable[[File], UUID],
) -> Page:
    """Return one page to the officer who has the case, or to one who supervises them.

    Parameters
    ----------
    name
        What the audit log calls such a file.
    case_of
        Return the id of the case that a file belongs to.

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
        case = find_case(kind, session, reference)
        reader = reader_of(kind, session, officer_id, case)
        file = session.get(table, file_id)
        if file is None or case_of(file) != case.id or file.removed_at or not 0 <= page < file.pages:
            raise NotFoundError
        details = {name: str(file_id), "page": page}
        record(kind, session, core, case=case, officer=reader.officer, action=f"{name}_read", details=details)
    return Page(store.get(file_id, page))
