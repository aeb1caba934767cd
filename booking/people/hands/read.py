"""An officer reads a page of a file that belongs to a case; each look is on record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic
from uuid import UUID

from booking.country.core.core import Core
from booking.people.evidence.accept import File, Page
from booking.people.evidence.store import EvidenceStore
from booking.people.hands.handling import Case, Handling, State, find_case, reader_of, record
from booking.platform.base.errors import NotFoundError


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
