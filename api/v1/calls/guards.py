"""Who may call, and in which form: a bearer token, the type of the body, references that are read back right.

What does not wait for anything is ``async``, because each plain function would wait for a thread.
"""

from typing import Annotated, Final, cast

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request
from typing_extensions import override

from api.deps import Guard, SignedIn, core_of, find_visit
from api.errors import NotSignedInError
from api.incoming.bodies import check_type
from api.incoming.client_address import client_address
from api.v1.calls.values import Reference
from booking.country.core.origin import By, Origin
from booking.country.core.permissions import Permission
from booking.platform.base.references import read_reference

_KNOWN: Final = "caller"
_scheme: Final = HTTPBearer(auto_error=False, description="The access token that POST /api/v1/sessions gives.")


async def bearer(request: Request, _sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]) -> SignedIn:
    """Return the account whose token was sent; raises NotSignedInError.

    Cookies count for nothing here: a browser sends them unasked, and then another site could make calls.
    """
    return await caller_of(request)


async def caller_of(request: Request) -> SignedIn:
    """Find the account whose token was sent, once for a call: the door asks before the body is read.

    Raises
    ------
    NotSignedInError
        There is no token, or its session is over.
    """
    known = getattr(request.state, _KNOWN, None)
    if known is None:
        visit = await find_visit(request)
        if visit is None or visit.by_cookie or visit.session.account_id is None:
            raise NotSignedInError
        known = SignedIn(visit.session.account_id, visit)
        setattr(request.state, _KNOWN, known)
    return cast("SignedIn", known)


async def stated_type(request: Request) -> None:
    """Refuse a body that is not declared as what the call reads; raises UnsupportedMediaTypeError."""
    if request.method not in {"GET", "HEAD"}:
        check_type(request)


async def program_origin(request: Request) -> Origin:
    """Describe where a program's call came from; programs keep no device cookie."""
    return Origin(network=client_address(request, core_of(request).settings.trusted_proxies), device="", by=By.PROGRAM)


async def stored_reference(_: Annotated[SignedIn, Depends(bearer)], reference: Reference) -> str:
    """Bring a reference to its stored form, for callers who are signed in; raises FieldError when it is mistyped."""
    return read_reference(reference)


Caller = Annotated[SignedIn, Depends(bearer)]


class ProgramGuard(Guard):
    """Lets in only callers with a permission: the token counts, never a cookie."""

    @override
    async def __call__(self, account: Caller) -> SignedIn:
        """Check the roles of the token's session; raises ForbiddenError."""
        return self.check(account)


AnalystCaller = Annotated[SignedIn, Depends(ProgramGuard(Permission.CHANGE_POLICIES))]
ProgramOrigin = Annotated[Origin, Depends(program_origin)]
StoredReference = Annotated[str, Depends(stored_reference)]
