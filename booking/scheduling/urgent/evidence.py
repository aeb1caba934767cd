"""Evidence of an urgent case: added and removed by its owner, read by the officer who has the case."""

from typing import Final
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.people.evidence.accept import Page, Place, accept
from booking.people.evidence.store import EvidenceStore
from booking.people.hands.read import Files
from booking.platform.base.errors import NotFoundError
from booking.platform.models import UrgentEvidence, UrgentRequest
from booking.platform.models.states import TAKES_EVIDENCE
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
