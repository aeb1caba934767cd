"""Who may call, and in which form: a bearer token, JSON bodies, references that are read back right.

What does not wait for anything is ``async``, because each plain function would wait for a thread.
"""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from api.client_address import client_address
from api.deps import CoreDep, SignedIn, Visit, core_of
from api.errors import NotSignedInError, UnsupportedMediaTypeError
from api.v1.values import Reference
from booking import sessions
from booking.origin import Origin
from booking.references import read_reference

_scheme: Final = HTTPBearer(auto_error=False, description="The access token that POST /api/v1/sessions gives.")


def bearer(core: CoreDep, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]) -> SignedIn:
    """Give the account whose token was sent.

    Cookies count for nothing here: a browser sends them unasked, and then another site could make calls.

    Raises
    ------
    NotSignedInError
        There is no token, or its session is over.
    """
    session = sessions.read(core, sent.credentials) if sent is not None else None
    if sent is None or session is None or session.account_id is None:
        raise NotSignedInError
    return SignedIn(session.account_id, Visit(sent.credentials, session, by_cookie=False))


async def only_json(request: Request) -> None:
    """Refuse a body that is not declared as JSON, or as part of an upload; raises UnsupportedMediaTypeError."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and request.method not in {"GET", "HEAD", "PATCH"} and media_type != "application/json":
        raise UnsupportedMediaTypeError


async def program_origin(request: Request) -> Origin:
    """Describe where a program's call came from; programs keep no device cookie."""
    return Origin(network=client_address(request, core_of(request).settings.trusted_proxies), device="")


async def stored_reference(_: Annotated[SignedIn, Depends(bearer)], reference: Reference) -> str:
    """Bring a reference to its stored form, for callers who are signed in; raises FieldError when it is mistyped."""
    return read_reference(reference)


Caller = Annotated[SignedIn, Depends(bearer)]
ProgramOrigin = Annotated[Origin, Depends(program_origin)]
StoredReference = Annotated[str, Depends(stored_reference)]
