"""Who may call, and in which form: a bearer token, the type of the body, references that are read back right.

What does not wait for anything is ``async``, because each plain function would wait for a thread.
"""

import json
from typing import Annotated, Any, Final, TypeAlias, cast

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field
from starlette.requests import Request
from typing_extensions import override

from api.deps import Guard, SignedIn, core_of, find_visit
from api.errors import NotSignedInError
from api.incoming.bodies import check_type
from api.incoming.client_address import client_address
from api.v1.calls.refusals import INPUT, SIGNED_IN, Errors
from api.v1.calls.values import In, Reference, Typed
from booking.country.core.four_eyes import Permission
from booking.country.core.security import By, Origin
from booking.people.accounts.errors import PasskeyCopiedError, WrongPasskeyError, WrongSecondFactorError
from booking.people.accounts.second_step import Proof
from booking.platform.base.errors import BusyError, NotFoundError, WrongCredentialsError
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


SECOND_FACTOR: Final[Errors] = (
    *(*SIGNED_IN, *INPUT, NotFoundError),
    *(WrongSecondFactorError, WrongPasskeyError, PasskeyCopiedError),
)
"""What a proof by the second factor may be refused with."""
PROVEN: Final[Errors] = (*SECOND_FACTOR, WrongCredentialsError, BusyError)
"""What a proof may be refused with."""

Options: TypeAlias = dict[str, Any]
"""What a browser is asked, as ``PublicKeyCredential.parseCreationOptionsFromJSON`` and its sister read it."""
Credential: TypeAlias = Annotated[
    dict[str, Any], Field(description="What the browser answered: PublicKeyCredential.toJSON().")
]


class ProofIn(In):
    """That it is the owner: a code or a passkey of the second factor, or the password of an account without one."""

    password: Typed = ""
    code: Annotated[Typed, Field(examples=["123456"])] = ""
    credential: Credential | None = None

    def proof(self, caller: Caller) -> Proof:
        """Return what was sent, for the session of the call."""
        credential = "" if self.credential is None else written(self.credential)
        return Proof(caller.visit.token, credential=credential, code=self.code, password=self.password)


def written(credential: Credential) -> str:
    """Return a browser's answer as the text that the core reads."""
    return json.dumps(credential)
