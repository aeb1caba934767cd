"""The core of tus 1.0.0 (https://tus.io/protocols/resumable-upload), with creation and expiration: headers and parts.

One PATCH a part; HEAD says how much has come. `booking.urgent.uploads` keeps the parts; the routes say who may send.
"""

from email.utils import format_datetime
from typing import Annotated, Final

from fastapi import Depends, Header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.errors import UploadVersionError
from api.incoming.bodies import PART, check_type, reads
from booking.urgent.uploads import Progress

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


def begun(progress: Progress, location: str) -> Response:
    """Answer that an upload can begin."""
    return Response(status_code=201, headers=_headers(progress) | {"Location": location})


def told(progress: Progress) -> Response:
    """Answer how much has come."""
    return Response(status_code=200, headers=_headers(progress) | {"Upload-Length": str(progress.length)})


def taken(progress: Progress) -> Response:
    """Answer that a part is kept."""
    return Response(status_code=204, headers=_headers(progress))


def _headers(progress: Progress) -> dict[str, str]:
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(progress.received),
        "Upload-Expires": format_datetime(progress.until, usegmt=True),
        "Cache-Control": "no-store",
    }
