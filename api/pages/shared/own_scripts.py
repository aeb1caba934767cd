"""Calls that our own scripts make from our own pages: the session's cookie, and its token in a header."""

from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request

from api.deps import SignedIn, core_of, signed_in
from api.errors import ForeignOriginError
from api.pages.shared.own_origin import check_origin, check_token

TOKEN_HEADER: Final = "X-Mawid-Token"  # noqa: S105 - the name of a header


async def own_script(request: Request, account: Annotated[SignedIn, Depends(signed_in)]) -> SignedIn:
    """Return the account on whose page a script of ours runs.

    Raises
    ------
    NotSignedInError
        Nobody is signed in (any more).
    ForeignOriginError
        Another site's page sent it, it lacks the session's token, or it came with a bearer token.
    """
    check_origin(request, core_of(request).settings.base_url)
    if not account.visit.by_cookie:
        raise ForeignOriginError
    check_token(request.headers.get(TOKEN_HEADER, ""), account.session.csrf)
    return account


OwnScriptDep = Annotated[SignedIn, Depends(own_script)]
