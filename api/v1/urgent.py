"""Urgent cases: ask to be let past the draw, send papers, follow the case, take it back."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Strict
from starlette.responses import Response

from api import errors as web
from api.deps import CoreDep
from api.incoming import tus
from api.incoming.bodies import PART_TYPE
from api.incoming.upload_threads import in_own_threads
from api.v1.calls.guards import Caller, ProgramOrigin, StoredReference
from api.v1.calls.limits import MeteredDep
from api.v1.calls.once import Created, IdempotencyKey, once
from api.v1.calls.refusals import CREATES, INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import Code, Day, In, Out, Prose
from booking.country.core.core import Core
from booking.people.evidence.errors import EvidenceUnavailableError, UploadRunningError
from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.models.states import UrgentState
from booking.scheduling.urgent.ask import ask_urgent, send_case, withdraw_case
from booking.scheduling.urgent.errors import (
    TooManyUrgentError,
    UploadOffsetError,
    UploadOverError,
    UrgentExistsError,
    UrgentNotPossibleError,
)
from booking.scheduling.urgent.evidence import finish_upload, remove_evidence
from booking.scheduling.urgent.views import own_case_view

router = APIRouter(prefix="/requests/{reference}/urgent", tags=["urgent cases"])

ONE_CASE: Final = (*SIGNED_IN, FieldError, NotFoundError)
TUS: Final = (web.UploadVersionError, InvalidInputError)


class UrgentIn(In):
    """Why it is urgent: a reason's code, the day by which it is needed, and words for the officer."""

    reason: Code
    needed_by: Day
    words: Prose = ""


class EvidenceIn(In):
    """A finished upload that becomes a paper of the case."""

    upload: Annotated[UUID, Strict(strict=False)]


class EvidenceOut(Out):
    """A paper, kept as so many plain pages."""

    id: UUID
    pages: int
    uploaded_at: datetime


class MissingOut(Out):
    """What must be there on the day of the appointment and is not: ``person`` is the place in the party, from 0.

    ``held``: there is one, which is not valid on that day.
    """

    person: int
    service: str
    held: bool


class UrgentOut(Out):
    """A case. ``note`` is what an officer wrote to the person; ``appointment`` its reference once there is one."""

    reference: str
    state: UrgentState
    reason: str
    needed_by: Day
    words: str
    evidence: list[EvidenceOut]
    note: str
    appointment: str | None
    missing: list[MissingOut]


@router.get("", responses=refusals(*ONE_CASE))
def show(reference: StoredReference, core: CoreDep, caller: Caller) -> UrgentOut:
    """Show the latest urgent case of a request."""
    return _out(core, caller.account_id, reference)


@router.post(
    "",
    status_code=201,
    response_model=UrgentOut,
    responses=refusals(
        *ONE_CASE, *CREATES, IdentityLevelError, UrgentNotPossibleError, UrgentExistsError, TooManyUrgentError
    ),
)
def ask(reference: StoredReference, body: UrgentIn, key: IdempotencyKey, core: CoreDep, caller: Caller) -> Response:
    """Begin a case. It goes to the officers when papers are there and it is sent; the request stays in the draw."""

    def make() -> Created:
        ask_urgent(
            core,
            account_id=caller.account_id,
            request_reference=reference,
            reason=body.reason,
            needed_by=body.needed_by,
            words=body.words,
        )
        now = _out(core, caller.account_id, reference)
        return Created(now.model_dump(mode="json"), f"/api/v1/requests/{reference}/urgent")

    scope = f"urgent:{caller.account_id}:{reference}"
    return once(core, scope=scope, key=key, content=body.model_dump(), make=make)


@router.post(
    "/evidence",
    responses=refusals(*ONE_CASE, *INPUT, UploadOverError, EvidenceUnavailableError, UploadRunningError),
)
@in_own_threads
def add_paper(
    *,
    reference: StoredReference,
    body: EvidenceIn,
    meter: MeteredDep,
    caller: Caller,
    origin: ProgramOrigin,
    response: Response,
) -> UrgentOut:
    """Make a finished upload a paper of the case; adding the same upload or file again changes nothing."""
    finish_upload(
        meter.core,
        account_id=caller.account_id,
        request_reference=reference,
        upload_id=body.upload,
        origin=origin,
    )
    meter.show(response)
    return _out(meter.core, caller.account_id, reference)


@router.delete("/evidence/{evidence_id}", status_code=204, responses=refusals(*ONE_CASE, *NO_BODY, InvalidInputError))
def remove_paper(reference: StoredReference, evidence_id: UUID, core: CoreDep, caller: Caller) -> None:
    """Take a paper back while the case is not with the officers."""
    remove_evidence(core, account_id=caller.account_id, request_reference=reference, evidence_id=evidence_id)


@router.post("/submission", responses=refusals(*ONE_CASE, *NO_BODY, InvalidInputError, IllegalMoveError))
def submit(reference: StoredReference, core: CoreDep, caller: Caller) -> UrgentOut:
    """Send the case with its papers to the officers, for the first time or after they asked for another paper."""
    send_case(core, account_id=caller.account_id, request_reference=reference)
    return _out(core, caller.account_id, reference)


@router.post("/withdrawal", responses=refusals(*ONE_CASE, *NO_BODY, IllegalMoveError, UrgentNotPossibleError))
def take_back(reference: StoredReference, core: CoreDep, caller: Caller) -> UrgentOut:
    """Take an open case back; the request stays in the draw."""
    withdraw_case(core, account_id=caller.account_id, request_reference=reference)
    return _out(core, caller.account_id, reference)


def own_uploads(reference: StoredReference, caller: Caller, core: CoreDep) -> tus.Uploads:
    """Return the caller's uploads to the case."""
    return tus.Uploads(core, caller.account_id, reference, f"/api/v1/requests/{reference}/urgent/uploads")


UploadsDep = Annotated[tus.Uploads, Depends(own_uploads)]


@router.post(
    "/uploads",
    status_code=201,
    response_class=Response,
    responses=refusals(*ONE_CASE, *NO_BODY, *TUS),
)
def begin(uploads: UploadsDep, _version: tus.TusVersion, length: tus.UploadLength) -> Response:
    """Announce a file (tus 1.0.0, creation); ``Location`` is where its parts go. A fourth one ends the oldest."""
    return uploads.begin(length)


@router.head(
    "/uploads/{upload_id}",
    response_class=Response,
    responses=refusals(*ONE_CASE, *TUS, UploadOverError),
)
def progress(uploads: UploadsDep, _version: tus.TusVersion, upload_id: UUID) -> Response:
    """Say how much has come: ``Upload-Offset`` of ``Upload-Length`` bytes."""
    return uploads.tell(upload_id)


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=refusals(
        *ONE_CASE,
        *TUS,
        web.BodyTooLargeError,
        web.UnsupportedMediaTypeError,
        UploadOffsetError,
        UploadOverError,
        EvidenceUnavailableError,
    ),
    openapi_extra={"requestBody": {"content": {PART_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def part(
    *, uploads: UploadsDep, _version: tus.TusVersion, upload_id: UUID, offset: tus.UploadOffset, content: tus.PartBytes
) -> Response:
    """Send the part that begins at ``Upload-Offset``; what came before the network broke is kept too."""
    return uploads.take(upload_id, offset, content)


def _out(core: Core, account_id: UUID, reference: str) -> UrgentOut:
    own = own_case_view(core, account_id=account_id, request_reference=reference)
    if own is None:
        raise NotFoundError
    case = own.case
    return UrgentOut(
        reference=case.reference,
        state=case.state,
        reason=case.reason_code,
        needed_by=case.needed_by,
        words=case.words,
        evidence=[EvidenceOut.model_validate(one) for one in own.evidence],
        note=own.note or (case.evidence_note if case.state is UrgentState.NEEDS_EVIDENCE else ""),
        appointment=own.appointment,
        missing=[MissingOut(person=one.position, service=one.service.code, held=one.held) for one in own.missing],
    )
