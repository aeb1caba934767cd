"""How a wallet is refused: in the standards' own words. What is refused at the door gets our problem documents."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import override

from booking.eservices.credentials.token import Refusal, WalletRefusedError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_UNAUTHORIZED: Final = 401
_BAD_REQUEST: Final = 400


class WalletRoute(APIRoute):
    """A route that refuses as OAuth and OpenID4VCI have it (RFC 6749, section 5.2; RFC 6750, section 3)."""

    @override
    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answer_all(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError:
                return refuse(WalletRefusedError(Refusal.INVALID_CREDENTIAL_REQUEST, "a part is missing or unreadable"))
            except WalletRefusedError as error:
                return refuse(error)

        return answer_all


def refuse(error: WalletRefusedError) -> JSONResponse:
    """Return the answer for a refusal; without a token that counts it says how one is sent."""
    said = {"error": error.refusal.value, "error_description": str(error)}
    if error.refusal is Refusal.INVALID_TOKEN:
        return JSONResponse(said, _UNAUTHORIZED, {"WWW-Authenticate": f'Bearer error="{error.refusal.value}"'})
    return JSONResponse(said, _BAD_REQUEST)
