"""Evidence of an urgent case: added and removed by its owner, read by the officer who has the case."""

from dataclasses import dataclass
from hashlib import sha256
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
from booking.hands.handling import reader_of, record
from booking.models import Account, UrgentEvidence, UrgentRequest
from booking.models.requests.states import TAKES_EVIDENCE
from booking.urgent.rows import URGENT, own_case

LARGEST_FILE: Final = 10 * 1024 * 1024  # bytes; a phone's photo has 2 to 8 MB
MOST_FILES: Final = 6
MOST_TRIES: Final = 18
"""Files that were ever added to a case, removed ones too: each costs some seconds of a processor."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as an image."""

    content: bytes
    media_type: str = "image/jpeg"


def evidence_store(core: Core) -> EvidenceStore:
    """Open the folder with the evidence."""
    return EvidenceStore(core.settings.evidence_folder, core.vault)


def add_evidence(core: Core, *, account_id: UUID, request_reference: str, content: bytes, origin: Origin) -> UUID:
    """Check a file, turn it into plain pages and keep them; the same file again is the one that is there.

    Raises
    ------
    InvalidInputError
        ``file``: empty, too large, not an image or PDF, damaged, encrypted, too many pixels, pages or files.
    NotFoundError
        There is no live case, or it takes no evidence now.
    TooManyAttemptsError
        Each file costs some processor time, a bad one too.
    UploadRunningError, BusyError
        Another file of the account, or too many of others, are being looked at.
    EvidenceUnavailableError
        The checker, the converter or the folder does not answer; nothing is kept.
    """
    if not content or len(content) > LARGEST_FILE:
        raise InvalidInputError([FieldError("file", "no_evidence" if not content else "too_large_file", most=10)])
    digest = sha256(content).digest()
    with core.sessions.begin() as session:
        case = _open_case(session, account_id, request_reference)
        known = _same_file(session, case, digest)
        if known is not None:
            return known
        helper = session.get_one(Account, account_id).registered_helper
    charge(core, "evidence", origin.subjects(account=str(account_id)), helper=helper)
    store, evidence_id = evidence_store(core), uuid4()
    converted = keep_pages(core, store, evidence_id, content, by=account_id)
    try:
        with core.sessions.begin() as session:
            case = _open_case(session, account_id, request_reference)
            twin = _same_file(session, case, digest)  # sent twice at once; the request's lock lets one in at a time
            if twin is None:
                session.add(
                    UrgentEvidence(
                        id=evidence_id,
                        urgent_request_id=case.id,
                        sha256=digest,
                        media_type=kind_of(content).value,
                        size=len(content),
                        pages=len(converted.pages),
                        fingerprints=list(converted.fingerprints),
                        uploaded_by=account_id,
                        uploaded_at=core.clock.now(),
                    )
                )
    except BaseException:
        store.remove(evidence_id, len(converted.pages))
        raise
    if twin is not None:
        store.remove(evidence_id, len(converted.pages))
    return twin or evidence_id


def remove_evidence(core: Core, *, account_id: UUID, request_reference: str, evidence_id: UUID) -> None:
    """Take a file back while the case is not with officers; raises NotFoundError."""
    with core.sessions.begin() as session:
        case = _open_case(session, account_id, request_reference, counting=False)
        found = next((one for one in case.evidence if one.id == evidence_id and one.removed_at is None), None)
        if found is None:
            raise NotFoundError
        found.removed_at = core.clock.now()
        pages = found.pages
    evidence_store(core).remove(evidence_id, pages)


def read_own_page(core: Core, *, account_id: UUID, evidence_id: UUID, page: int) -> Page:
    """Return one page to whoever sent it; raises NotFoundError, EvidenceUnavailableError."""
    with core.sessions() as session:
        found = session.get(UrgentEvidence, evidence_id)
        if found is None or found.uploaded_by != account_id or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
    return Page(evidence_store(core).get(evidence_id, page))


def read_page(core: Core, *, officer_id: UUID, reference: str, evidence_id: UUID, page: int) -> Page:
    """Return one page to the officer who has claimed the case, or to a supervisor of its office, on the record.

    Raises
    ------
    CaseNotInHandsError, ForbiddenError, NotFoundError, EvidenceUnavailableError
        Someone else has the case; not of its office; unknown or removed; the folder does not give it.
    """
    with core.sessions.begin() as session:
        found = session.get(UrgentEvidence, evidence_id)
        if found is None or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
        case = found.case
        if case.reference != reference:
            raise NotFoundError
        record(
            URGENT,
            session,
            core,
            case=case,
            officer=reader_of(URGENT, session, officer_id, case).officer,
            action="evidence_read",
            details={"evidence": str(evidence_id), "page": page},
        )
    return Page(evidence_store(core).get(evidence_id, page))


def _open_case(session: Session, account_id: UUID, request_reference: str, *, counting: bool = True) -> UrgentRequest:
    case = own_case(session, account_id, request_reference)
    if case.state not in TAKES_EVIDENCE:
        raise NotFoundError
    if counting:
        ever = session.scalar(
            select(func.count()).select_from(UrgentEvidence).where(UrgentEvidence.urgent_request_id == case.id)
        )
        kept = sum(one.removed_at is None for one in case.evidence)
        if kept >= MOST_FILES or (ever or 0) >= MOST_TRIES:
            raise InvalidInputError([FieldError("file", "too_many_files", most=MOST_FILES)])
    return case


def _same_file(session: Session, case: UrgentRequest, digest: bytes) -> UUID | None:
    return session.scalar(
        select(UrgentEvidence.id).where(
            UrgentEvidence.urgent_request_id == case.id,
            UrgentEvidence.sha256 == digest,
            UrgentEvidence.removed_at.is_(None),
        )
    )
