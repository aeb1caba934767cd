"""Observers with a key read what of a draw is not for everyone; each look is on record before a byte is sent."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.published import NOWHERE, send_published
from api.v1.calls.refusals import refusals
from api.v1.calls.values import DrawReference, FileName
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.transparency.log.notes import NoteError
from booking.transparency.observers.keys import NotAnObserverError, ObserversClockError, SignedCall
from booking.transparency.observers.look import look

router = APIRouter(prefix="/observers", tags=["draws"])


def signed_call(request: Request) -> SignedCall:
    """Return who says to have signed this call; raises NotAnObserverError where nobody says so."""
    try:
        return SignedCall.read(request.headers.get("authorization", ""))
    except NoteError:
        raise NotAnObserverError from None


SignedCallDep = Annotated[SignedCall, Depends(signed_call)]


@router.get(
    "/draws/{reference}/files/{name}",
    response_class=Response,
    responses=refusals(InvalidInputError, NotFoundError, NotAnObserverError, ObserversClockError)
    | {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def download(
    request: Request, core: CoreDep, call: SignedCallDep, reference: DrawReference, name: FileName
) -> Response:
    """Return a file of a published draw that observers alone read, byte for byte.

    The call is signed: ``Authorization: Mawid-Observer NAME TIME SIGNATURE``, where TIME is in seconds since 1970 and
    SIGNATURE, in Base64, is the Ed25519 signature of four lines, each with a line feed: ``mawid-observer-v1``, ``GET``,
    the whole address, TIME. Calls for a time more than five minutes away are refused.
    """
    file = await run_in_threadpool(
        look,
        core,
        call=call,
        method=request.method,
        path=request.url.path,
        reference=reference,
        name=name,
    )
    return await send_published(request, file, as_name=name, kept=NOWHERE)
