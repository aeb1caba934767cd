"""Evidence of an urgent case: added and removed by its owner, read by the officer who has the case.

Evidence in parts: what has come stays when the network breaks, and the rest follows.

Parts lie encrypted in the folder of the evidence, under the upload's id. Together they become evidence in the same way
as a file that came whole; nothing opens them before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.people.evidence.accept import LARGEST_FILE, Page, Place, accept
from booking.people.evidence.store import EvidenceStore
from booking.people.hands.claim import Files
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import EvidenceUpload, Request, UrgentEvidence, UrgentRequest
from booking.platform.models.states import TAKES_EVIDENCE
from booking.scheduling.urgent.errors import UploadOffsetError, UploadOverError
from booking.scheduling.urgent.rows import URGENT, own_case

MOST_FILES: Final = 6
MOST_TRIES: Final = 18
"""Files that were ever added to a case, removed ones too: each costs some seconds of a processor."""


def evidence_store(core: Core) -> EvidenceStore:
    """Return where evidence of urgent cases is kept."""
    return EvidenceStore(core.files, core.vault)


EVIDENCE: Final = Files(URGENT, "evidence", UrgentEvidence, evidence_store, lambda file: file.urgent_request_id)


def add_evidence(core: Core, *, account_id: UUID, request_reference: str, content: bytes, origin: Origin) -> UUID:
    """Take a file in for the live case of one's own request; the same file again is the one that is there.

    Raises
    ------
    NotFoundError
        There is no live case, or it takes no evidence now.
    MawidError
        What `booking.people.evidence.accept.accept` refuses; nothing is kept.
    """
    place = Place(
        store=evidence_store(core),
        table=UrgentEvidence,
        owner=lambda session: _open_case(session, account_id, request_reference),
        files_of=lambda case: UrgentEvidence.urgent_request_id == case.id,
        same=lambda _: true(),
        row=lambda _, case, fingerprints: UrgentEvidence(
            urgent_request_id=case.id, fingerprints=fingerprints, uploaded_by=account_id
        ),
        most_files=MOST_FILES,
        most_tries=MOST_TRIES,
        when_empty="no_evidence",
    )
    return accept(core, place, content, by=account_id, origin=origin)


def remove_evidence(core: Core, *, account_id: UUID, request_reference: str, evidence_id: UUID) -> None:
    """Take a file back while the case is not with officers; raises NotFoundError."""
    with core.sessions.begin() as session:
        case = _open_case(session, account_id, request_reference)
        found = next((one for one in case.evidence if one.id == evidence_id and one.removed_at is None), None)
        if found is None:
            raise NotFoundError
        found.removed_at = core.clock.now()
        pages = found.pages
    evidence_store(core).remove(evidence_id, pages)


def read_own_page(core: Core, *, account_id: UUID, evidence_id: UUID, page: int) -> Page:
    """Return one page to the person who sent it; raises NotFoundError, EvidenceUnavailableError."""
    with core.sessions() as session:
        found = session.get(UrgentEvidence, evidence_id)
        if found is None or found.uploaded_by != account_id or found.removed_at or not 0 <= page < found.pages:
            raise NotFoundError
    return Page(evidence_store(core).get(evidence_id, page))


def _open_case(session: Session, account_id: UUID, request_reference: str) -> UrgentRequest:
    case = own_case(session, account_id, request_reference)
    if case.state not in TAKES_EVIDENCE:
        raise NotFoundError
    return case


LIFETIME: Final = timedelta(days=1)
MOST_OPEN: Final = 3
"""Uploads of a case at the same time; the next one ends the oldest."""
MOST_BEGUN: Final = 40
"""Uploads of a case in a day."""
MOST_PARTS: Final = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of an upload has come, in bytes, and until when the rest is waited for."""

    upload_id: UUID
    received: int
    length: int
    until: datetime


def begin_upload(core: Core, *, account_id: UUID, request_reference: str, length: int) -> Progress:
    """Announce a file of ``length`` bytes for the live case of one's own request.

    Raises
    ------
    InvalidInputError
        ``file``: empty, too large, or too many were begun today.
    NotFoundError
        There is no live case, or it takes no evidence now.
    """
    if not 0 < length <= LARGEST_FILE:
        raise InvalidInputError([FieldError("file", "too_large_file" if length > 0 else "no_evidence", most=10)])
    now = core.clock.now()
    with core.sessions.begin() as session:
        case = own_case(session, account_id, request_reference)  # locked: uploads of a case begin one after the other
        if case.state not in TAKES_EVIDENCE:
            raise NotFoundError
        begun = _of_case(session, case, since=now - LIFETIME)
        if len(begun) >= MOST_BEGUN:
            raise InvalidInputError([FieldError("file", "too_many_uploads")])
        still_open = [one for one in begun if not one.over]
        replaced = still_open[: max(0, len(still_open) - MOST_OPEN + 1)]
        for one in replaced:
            one.over = True
        upload = EvidenceUpload(
            id=uuid4(),
            urgent_request_id=case.id,
            account_id=account_id,
            length=length,
            received=0,
            parts=0,
            over=False,
            created_at=now,
        )
        session.add(upload)
        begins = _progress(upload)
    for one in replaced:
        evidence_store(core).remove(one.id, one.parts)
    return begins


def upload_progress(core: Core, *, account_id: UUID, request_reference: str, upload_id: UUID) -> Progress:
    """Return how much has come; raises NotFoundError, UploadOverError."""
    with core.sessions() as session:
        upload = _found(session, account_id, request_reference, upload_id)
        _check_open(core, upload)
        return _progress(upload)


def add_part(
    core: Core, *, account_id: UUID, request_reference: str, upload_id: UUID, offset: int, content: bytes
) -> Progress:
    """Keep the part that begins at ``offset`` bytes; an empty one changes nothing.

    Raises
    ------
    UploadOffsetError
        Another offset is next.
    InvalidInputError
        ``file``: it would be longer than announced, or come in far too many parts.
    NotFoundError
        There is no such upload, or it is someone else's.
    UploadOverError
        The upload is over.
    EvidenceUnavailableError
        The folder does not take the part.
    """
    with core.sessions.begin() as session:
        upload = _found(session, account_id, request_reference, upload_id, lock=True)
        _check_open(core, upload)
        if offset != upload.received:
            raise UploadOffsetError(upload.received)
        if upload.received + len(content) > upload.length:
            raise InvalidInputError([FieldError("file", "longer_than_announced")])
        if upload.parts >= MOST_PARTS:
            raise InvalidInputError([FieldError("file", "too_many_parts")])
        if content:
            evidence_store(core).put(upload.id, upload.parts, content)
            upload.parts += 1
            upload.received += len(content)
        return _progress(upload)


def finish_upload(core: Core, *, account_id: UUID, request_reference: str, upload_id: UUID, origin: Origin) -> UUID:
    """Make evidence of all parts, as `add_evidence` does; finishing again gives the same.

    Raises
    ------
    InvalidInputError
        ``file``: parts are missing, or what `add_evidence` refuses; a refused file is gone.
    NotFoundError
        There is no such upload, it is someone else's, or the case takes no evidence now.
    UploadOverError
        The upload is over.
    TooManyAttemptsError
        The account, network or device sent too many files.
    UploadRunningError
        Another file of the account is being looked at.
    BusyError
        Too many files of others are being looked at.
    EvidenceUnavailableError
        The checker, the converter or the folder does not answer; nothing is kept.
    """
    with core.sessions() as session:
        upload = _found(session, account_id, request_reference, upload_id)
        if upload.evidence_id is not None:
            return upload.evidence_id
        _check_open(core, upload)
        parts = upload.parts
        if upload.received < upload.length:
            raise InvalidInputError([FieldError("file", "upload_incomplete")])
    store = evidence_store(core)
    content = b"".join(store.get(upload_id, number) for number in range(parts))
    try:
        evidence_id = add_evidence(
            core, account_id=account_id, request_reference=request_reference, content=content, origin=origin
        )
    except InvalidInputError:
        _end(core, upload_id, None)
        raise
    _end(core, upload_id, evidence_id)
    return evidence_id


def remove_old_uploads(core: Core) -> int:
    """Forget the uploads of more than a day ago, with their parts; return how many."""
    with core.sessions.begin() as session:
        old = session.scalars(
            select(EvidenceUpload)
            .where(EvidenceUpload.created_at < core.clock.now() - LIFETIME)
            .with_for_update(skip_locked=True)
        ).all()
        for one in old:
            session.delete(one)
    for one in old:
        evidence_store(core).remove(one.id, one.parts)
    return len(old)


def _end(core: Core, upload_id: UUID, evidence_id: UUID | None) -> None:
    with core.sessions.begin() as session:
        upload = session.get(EvidenceUpload, upload_id, with_for_update=True)
        if upload is None:
            return
        upload.over, upload.evidence_id, parts = True, evidence_id, upload.parts
    evidence_store(core).remove(upload_id, parts)


def _of_case(session: Session, case: UrgentRequest, *, since: datetime) -> list[EvidenceUpload]:
    return list(
        session.scalars(
            select(EvidenceUpload)
            .where(EvidenceUpload.urgent_request_id == case.id, EvidenceUpload.created_at > since)
            .order_by(EvidenceUpload.created_at, EvidenceUpload.id)
            .with_for_update()
        )
    )


def _found(
    session: Session, account_id: UUID, request_reference: str, upload_id: UUID, *, lock: bool = False
) -> EvidenceUpload:
    statement = (
        select(EvidenceUpload)
        .join(UrgentRequest, UrgentRequest.id == EvidenceUpload.urgent_request_id)
        .join(Request, Request.id == UrgentRequest.request_id)
        .where(
            EvidenceUpload.id == upload_id,
            EvidenceUpload.account_id == account_id,
            Request.reference == request_reference,
        )
    )
    upload = session.scalar(statement.with_for_update(of=EvidenceUpload) if lock else statement)
    if upload is None:
        raise NotFoundError
    return upload


def _check_open(core: Core, upload: EvidenceUpload) -> None:
    if upload.over or upload.created_at <= core.clock.now() - LIFETIME:
        raise UploadOverError


def _progress(upload: EvidenceUpload) -> Progress:
    return Progress(upload.id, upload.received, upload.length, upload.created_at + LIFETIME)
