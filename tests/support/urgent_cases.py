"""Urgent cases for tests: a person with a live request, a photo of a paper, and what they sent."""

import io
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import select

from booking.country.core.core import Core
from booking.platform.models import UrgentEvidence, UrgentRequest
from booking.platform.models.states import RequestState
from booking.scheduling.urgent.ask import ask_urgent, send_case
from booking.scheduling.urgent.evidence import add_evidence, evidence_store
from tests.support.country import a_request, an_origin

NOTE = "the hospital's letter names the day"
APPROVE = {"reason": "evidence_is_clear", "note": NOTE}
DENY = {"reason": "not_urgent", "note": "it can wait for the draw"}
ASK = {"reason": "unreadable", "note": "the date on the letter cannot be read"}


def a_photo(shade: int = 120, size: tuple[int, int] = (60, 40)) -> bytes:
    """A small photo, another one for each shade."""
    output = io.BytesIO()
    Image.new("RGB", size, (shade, 80, 40)).save(output, "JPEG")
    return output.getvalue()


def a_noisy_photo() -> bytes:
    """A photo of some 600 KB that nothing makes smaller."""
    output = io.BytesIO()
    Image.effect_noise((800, 800), 90).save(output, "PNG")
    return output.getvalue()


@dataclass(frozen=True)
class Case:
    """A case with whose it is."""

    account: UUID
    request: str
    reference: str


def a_draft(core: Core, *, days: int = 10, reason: str = "medical", **wish: object) -> Case:
    """A case of an honest citizen's request in Damascus, needed in so many days, without its papers."""
    for _ in range(9):  # the gate looks twice at a few honest people too
        account, asked = a_request(core, **wish)
        if asked.state is RequestState.ACCEPTED:
            break
    reference = ask_urgent(
        core,
        account_id=account,
        request_reference=asked.reference,
        reason=reason,
        needed_by=core.today() + timedelta(days=days),
        words="",
    )
    return Case(account, asked.reference, reference)


def a_case_with_officers(core: Core, **changes: object) -> Case:
    """A case with a photo that waits for an officer in Damascus."""
    case = a_draft(core, **changes)
    add_evidence(core, account_id=case.account, request_reference=case.request, content=a_photo(), origin=an_origin())
    send_case(core, account_id=case.account, request_reference=case.request)
    return case


def a_quick_case_with_officers(core: Core, **changes: object) -> Case:
    """The same, with a page put where the converter would put it: it takes no process of its own."""
    case = a_draft(core, **changes)
    send_with_photo(core, case)
    return case


def send_with_photo(core: Core, case: Case) -> None:
    """Put a page of a paper where the converter would put it, and send the case."""
    paper, page = uuid4(), a_photo()
    evidence_store(core).put(paper, 0, page)
    with core.sessions.begin() as session:
        session.add(
            UrgentEvidence(
                id=paper,
                urgent_request_id=session.scalars(
                    select(UrgentRequest.id).where(UrgentRequest.reference == case.reference)
                ).one(),
                sha256=sha256(paper.bytes).digest(),
                media_type="image/jpeg",
                size=len(page),
                pages=1,
                fingerprints=["0" * 16],
                uploaded_by=case.account,
                uploaded_at=core.clock.now(),
            )
        )
    send_case(core, account_id=case.account, request_reference=case.request)


def stored(core: Core, reference: str) -> UrgentRequest:
    """A case as it is stored."""
    with core.sessions() as session:
        return session.scalars(select(UrgentRequest).where(UrgentRequest.reference == reference)).one()
