"""Papers attached to a case: added and removed by its owner, read by the officer who has the case."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.evidence.kinds import kind_of
from booking.evidence.receive import keep_pages
from booking.evidence.store import EvidenceStore
from booking.models import Account, OnlineCase, OnlinePaper
from booking.models.online.states import IN_OWN_HANDS
from booking.online.rows import case_spec, digest, own_case, read_answers_of
from booking.packs.service import DocumentSpec
from booking.urgent.evidence import LARGEST_FILE, Page

MOST_FILES: Final = 20
MOST_TRIES: Final = 60
"""Files that were ever added to a case, removed ones too: each costs some seconds of a processor."""
FOLDER: Final = "online"


def paper_store(core: Core) -> EvidenceStore:
    """Open the folder with the papers, beside that of urgent cases."""
    return EvidenceStore(core.settings.evidence_folder / FOLDER, core.vault)


def wanted_papers(core: Core, case: OnlineCase) -> list[DocumentSpec]:
    """List the papers of someone who lives there and gave these answers."""
    spec = case_spec(case)
    return spec.documents_for(
        "resident" if case.residence == "resident" else "expatriate", read_answers_of(core.vault, case)
    )


def add_paper(core: Core, *, account_id: UUID, reference: str, document: str, content: bytes, origin: Origin) -> UUID:
    """Check a file, turn it into plain pages and keep them; the same file again is the one that is there.

    Raises
    ------
    InvalidInputError
        ``file``: empty, too large, not an image or PDF, damaged, encrypted, too many pixels, pages or files.
    NotFoundError
        No such case, or no such paper is asked for, or the case takes none now.
    TooManyAttemptsError
        Each file costs some processor time, a bad one too.
    UploadRunningError, BusyError
        Another file of the account, or too many of others, are being looked at.
    EvidenceUnavailableError
        The checker, the converter or the folder does not answer; nothing is kept.
    """
    with core.sessions.begin() as session:
        case = _open_case(session, core, account_id, reference, document)
        if not content or len(content) > LARGEST_FILE:
            raise InvalidInputError([FieldError("file", "no_file" if not content else "too_large_file", most=10)])
        known = _same_file(session, case, document, digest(content))
        if known is not None:
            return known
        _check_room(session, case)
        helper = session.get_one(Account, account_id).registered_helper
    charge(core, "evidence", origin.subjects(account=str(account_id)), helper=helper)
    store, paper_id = paper_store(core), uuid4()
    converted = keep_pages(core, store, paper_id, content, by=account_id)
    try:
        with core.sessions.begin() as session:
            case = _open_case(session, core, account_id, reference, document)
            twin = _same_file(session, case, document, digest(content))  # sent twice at once; the case is locked
            if twin is None:
                _check_room(session, case)
                session.add(
                    OnlinePaper(
                        id=paper_id,
                        case_id=case.id,
                        document_code=document,
                        sha256=digest(content),
                        media_type=kind_of(content).value,
                        size=len(content),
                        pages=len(converted.pages),
                        fingerprints=list(converted.fingerprints),
                        uploaded_by=account_id,
                        uploaded_at=core.clock.now(),
                    )
                )
                case.changed_at = core.clock.now()
    except BaseException:
        store.remove(paper_id, len(converted.pages))
        raise
    if twin is not None:
        store.remove(paper_id, len(converted.pages))
    return twin or paper_id


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
    """Return one page to whoever sent it; raises NotFoundError, EvidenceUnavailableError."""
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        found = session.get(OnlinePaper, paper_id)
        if found is None or found.case_id != case.id or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
    return Page(paper_store(core).get(paper_id, page))


def _open_case(session: Session, core: Core, account_id: UUID, reference: str, document: str) -> OnlineCase:
    case = own_case(session, account_id, reference)
    if case.state not in IN_OWN_HANDS or document not in {one.code for one in wanted_papers(core, case)}:
        raise NotFoundError
    return case


def _check_room(session: Session, case: OnlineCase) -> None:
    ever = session.scalar(select(func.count()).select_from(OnlinePaper).where(OnlinePaper.case_id == case.id))
    kept = sum(one.removed_at is None for one in case.papers)
    if kept >= MOST_FILES or (ever or 0) >= MOST_TRIES:
        raise InvalidInputError([FieldError("file", "too_many_files", most=MOST_FILES)])


def _same_file(session: Session, case: OnlineCase, document: str, sha256: bytes) -> UUID | None:
    return session.scalar(
        select(OnlinePaper.id).where(
            OnlinePaper.case_id == case.id,
            OnlinePaper.document_code == document,
            OnlinePaper.sha256 == sha256,
            OnlinePaper.removed_at.is_(None),
        )
    )
