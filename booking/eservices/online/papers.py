"""Papers attached to a case: added and removed by its owner, read by the officer who has the case."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.packs.answers import Answer
from booking.country.packs.service import DocumentSpec, ServiceSpec
from booking.eservices.online.rows import own_case, own_case_and_file, read_answers_of
from booking.people.evidence.accept import Page, Place, accept
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.errors import NotFoundError
from booking.platform.models import OnlineCase, OnlinePaper
from booking.platform.models.online.case import IN_OWN_HANDS

MOST_FILES: Final = 20
MOST_TRIES: Final = 60
"""Files that were ever added to a case, removed ones too: each costs some seconds of a processor."""
FOLDER: Final = "online"


def paper_store(core: Core) -> EvidenceStore:
    """Return where papers of online cases are kept."""
    return EvidenceStore(core.files, core.vault, FOLDER)


def wanted_papers(case: OnlineCase, spec: ServiceSpec, answers: Mapping[str, Answer]) -> list[DocumentSpec]:
    """List the papers of someone who lives there and gave these answers."""
    return spec.documents_for("resident" if case.residence == "resident" else "expatriate", answers)


def add_paper(core: Core, *, account_id: UUID, reference: str, document: str, content: bytes, origin: Origin) -> UUID:
    """Take a file in as one of the papers of a case; the same file again is the one that is there.

    Raises
    ------
    NotFoundError
        No such case, or no such paper is asked for, or the case takes none now.
    MawidError
        What `booking.people.evidence.accept.accept` refuses; nothing is kept.
    """

    def paper(_: Session, case: OnlineCase, fingerprints: list[str]) -> OnlinePaper:
        case.changed_at = core.clock.now()
        return OnlinePaper(case_id=case.id, document_code=document, fingerprints=fingerprints, uploaded_by=account_id)

    place = Place(
        store=paper_store(core),
        table=OnlinePaper,
        owner=lambda session: _open_case(session, core, account_id, reference, document),
        files_of=lambda case: OnlinePaper.case_id == case.id,
        same=lambda _: OnlinePaper.document_code == document,
        row=paper,
        most_files=MOST_FILES,
        most_tries=MOST_TRIES,
    )
    return accept(core, place, content, by=account_id, origin=origin)


def remove_paper(core: Core, *, account_id: UUID, reference: str, paper_id: UUID) -> None:
    """Take a paper back while the case is in its owner's hands; raises NotFoundError."""
    with core.sessions.begin() as session:
        case = own_case(session, account_id, reference)
        found = next((one for one in case.papers if one.id == paper_id and one.removed_at is None), None)
        if case.state not in IN_OWN_HANDS or found is None:
            raise NotFoundError
        found.removed_at = case.changed_at = core.clock.now()
        pages = found.pages
    paper_store(core).remove(paper_id, pages)


def read_own_page(core: Core, *, account_id: UUID, reference: str, paper_id: UUID, page: int) -> Page:
    """Return one page to the person who sent it; raises NotFoundError, EvidenceUnavailableError."""
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        found = session.get(OnlinePaper, paper_id)
        if found is None or found.case_id != case.id or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
    return Page(paper_store(core).get(paper_id, page))


def _open_case(session: Session, core: Core, account_id: UUID, reference: str, document: str) -> OnlineCase:
    own = own_case_and_file(session, core, account_id, reference)
    wanted = wanted_papers(own.case, own.spec, read_answers_of(core.vault, own.case))
    if own.case.state not in IN_OWN_HANDS or document not in {one.code for one in wanted}:
        raise NotFoundError
    return own.case
