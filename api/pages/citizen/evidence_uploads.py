"""Papers in parts, sent by the script of the page with the papers; without scripts they come as a form."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.deps import CoreDep
from api.incoming import tus
from api.pages.shared.own_scripts import OwnScriptDep
from api.pages.shared.references import ReferenceDep
from booking.urgent.uploads import add_part, begin_upload, upload_progress

router = APIRouter(prefix="/requests/{reference}/urgent/uploads")


@router.post("")
def begin(
    *, reference: ReferenceDep, account: OwnScriptDep, _version: tus.TusVersion, length: tus.UploadLength, core: CoreDep
) -> Response:
    """Announce a file."""
    made = begin_upload(core, account_id=account.account_id, request_reference=reference, length=length)
    return tus.begun(made, f"/requests/{reference}/urgent/uploads/{made.upload_id}")


@router.head("/{upload_id}")
def progress(
    *, reference: ReferenceDep, account: OwnScriptDep, _version: tus.TusVersion, upload_id: UUID, core: CoreDep
) -> Response:
    """Say how much of it has come."""
    return tus.told(
        upload_progress(core, account_id=account.account_id, request_reference=reference, upload_id=upload_id)
    )


@router.patch("/{upload_id}")
def part(
    *,
    reference: ReferenceDep,
    upload_id: UUID,
    offset: tus.UploadOffset,
    account: OwnScriptDep,
    _version: tus.TusVersion,
    content: Annotated[bytes, Depends(tus.read_part)],
    core: CoreDep,
) -> Response:
    """Keep the next part."""
    kept = add_part(
        core,
        account_id=account.account_id,
        request_reference=reference,
        upload_id=upload_id,
        offset=offset,
        content=content,
    )
    return tus.taken(kept)
