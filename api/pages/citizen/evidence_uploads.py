"""Papers in parts, sent by the script of the page with the papers; without scripts they come as a form."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.deps import CoreDep
from api.incoming import tus
from api.pages.shared.own_scripts import OwnScriptDep
from api.pages.shared.references import ReferenceDep

router = APIRouter(prefix="/requests/{reference}/urgent/uploads")


def own_uploads(reference: ReferenceDep, account: OwnScriptDep, core: CoreDep) -> tus.Uploads:
    """Return the uploads of the person whose page sends them."""
    return tus.Uploads(core, account.account_id, reference, f"/requests/{reference}/urgent/uploads")


UploadsDep = Annotated[tus.Uploads, Depends(own_uploads)]


@router.post("")
def begin(uploads: UploadsDep, _version: tus.TusVersion, length: tus.UploadLength) -> Response:
    """Announce a file."""
    return uploads.begin(length)


@router.head("/{upload_id}")
def progress(uploads: UploadsDep, _version: tus.TusVersion, upload_id: UUID) -> Response:
    """Say how much of it has come."""
    return uploads.tell(upload_id)


@router.patch("/{upload_id}")
def part(
    *, uploads: UploadsDep, _version: tus.TusVersion, upload_id: UUID, offset: tus.UploadOffset, content: tus.PartBytes
) -> Response:
    """Keep the next part."""
    return uploads.take(upload_id, offset, content)
