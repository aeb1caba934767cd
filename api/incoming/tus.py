"""The core of tus 1.0.0 (https://tus.io/protocols/resumable-upload), with creation and expiration: headers and parts.

One PATCH a part; HEAD says how much has come. `booking.scheduling.urgent.evidence` keeps the parts; routes say who may
send.
"""

from dataclasses import dataclass
from email.utils import format_datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.errors import UploadVersionError
from api.incoming.bodies import PART, check_type, reads
from booking.country.core.core import Core
from booking.scheduling.urgent.evidence import Progress, add_part, begin_upload, upload_progress

VERSION: Final = "1.0.0"
LARGEST_LENGTH: Final = 2**31 - 1

UploadLength = Annotated[
    int, Header(alias="Upload-Length", ge=0, le=LARGEST_LENGTH, description="Bytes of the whole file.")
]
UploadOffset = Annotated[
    int, Header(alias="Upload-Offset", ge=0, le=LARGEST_LENGTH, description="Bytes that came before this part.")
]


def tus_version(
    version: Annotated[str, Header(alias="Tus-Resumable", description="The protocol's version, 1.0.0.")] = "",
) -> None:
    """Refuse other versions of the protocol; raises UploadVersionError."""
    if version != VERSION:
        raise UploadVersionError


TusVersion = Annotated[None, Depends(tus_version)]
"""A route checks it after the caller, so that others learn nothing."""


@reads(PART)
async def read_part(request: Request) -> bytes:
    """Read the bytes of a part; where the network breaks in the middle, those that came.

    Raises
    ------
    UnsupportedMediaTypeError
        It is not declared as a part.
    BodyTooLargeError
        It is longer than any file may be.
    """
    check_type(request)
    content = bytearray()
    try:
        async for some in request.stream():
            content += some
    except ClientDisconnect:
        pass  # nobody reads the answer; the next HEAD says how much has come
    return bytes(content)


PartBytes = Annotated[bytes, Depends(read_part)]


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads to the urgent case of one's own request; ``address`` is where they begin."""

    core: Core
    account_id: UUID
    reference: str
    address: str

    def begin(self, length: int) -> Response:
        """Announce a file, and answer where its parts go."""
        made = begin_upload(self.core, account_id=self.account_id, request_reference=self.reference, length=length)
        return Response(status_code=201, headers=_headers(made) | {"Location": f"{self.address}/{made.upload_id}"})

    def tell(self, upload_id: UUID) -> Response:
        """Answer how much has come."""
        now = upload_progress(
            self.core, account_id=self.account_id, request_reference=self.reference, upload_id=upload_id
        )
        return Response(status_code=200, headers=_headers(now) | {"Upload-Length": str(now.length)})

    def take(self, upload_id: UUID, offset: int, content: bytes) -> Response:
        """Keep a part, and answer how much has come with it."""
        kept = add_part(
            self.core,
            account_id=self.account_id,
            request_reference=self.reference,
            upload_id=upload_id,
            offset=offset,
            content=content,
        )
        return Response(status_code=204, headers=_headers(kept))


def _headers(progress: Progress) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(progress.received),
        "Upload-Expires": format_datetime(progress.until, usegmt=True),
        "Cache-Control": "no-store",
    }
