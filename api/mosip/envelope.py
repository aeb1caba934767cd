"""The envelope in which MOSIP's calls answer: ``id``, ``version``, ``responsetime``, ``response`` or ``errors``.

What the core refuses is an error in an answer of status 200, with MOSIP's own code where it has one. Who may not call
at all, or too often, gets our problem documents, as from every other address.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import override

from api.deps import core_of, words_of
from api.errors import NotSignedInError, UnavailableError, UnreadableBodyError, UnsupportedMediaTypeError
from api.problems.documents import detail_of, field_problems, kind_of
from booking.platform.base import errors as core
from booking.scheduling.appointments.errors import NotChangeableError, SameTimeError

VERSION: Final = "1.0"
INVALID_BODY: Final = "PRG_PAM_CORE_004"
_CODES: Final[Mapping[type[core.MawidError], str]] = {
    core.NotFoundError: "PRG_PAM_APP_005",
    core.NotBookableError: "PRG_BOOK_RCI_002",
    core.SlotFullError: "PRG_BOOK_RCI_002",
    core.AlreadyLiveError: "PRG_BOOK_RCI_026",
    core.TooLateToCancelError: "PRG_BOOK_RCI_026",
    core.TooManyMovesError: "PRG_BOOK_RCI_026",
    NotChangeableError: "PRG_BOOK_RCI_026",
    SameTimeError: "PRG_BOOK_RCI_026",
    core.IllegalMoveError: "PRG_BOOK_RCI_018",
    core.InvalidInputError: INVALID_BODY,
    core.FieldError: INVALID_BODY,
}
_OURS: Final = (
    *(NotSignedInError, UnavailableError, UnreadableBodyError, UnsupportedMediaTypeError),
    *(core.ForbiddenError, core.TooManyAttemptsError, core.BusyError),
)
"""Refusals of the door, which come before any call is understood."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class MosipError(Exception):
    """What MOSIP has a code for and the core no error: nothing booked, nothing free, another request id."""

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class SwitchedOffError(Exception):
    """The settings name no service for MOSIP's calls: there is no such address."""


def answer(request: Request, call: str, response: Any) -> JSONResponse:
    """Return what a call gave, in its envelope."""
    return _sealed(request, call, response, None)


def _sealed(request: Request, call: str, response: Any, errors: list[dict[str, str]] | None) -> JSONResponse:
    now = core_of(request).clock.now().astimezone(UTC)
    return JSONResponse(
        {
            "id": f"mosip.pre-registration.{call}",
            "version": VERSION,
            "responsetime": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "response": response,
            "errors": errors,
        }
    )


class MosipRoute(APIRoute):
    """A route that answers a refusal of the core in MOSIP's envelope; its name is the call's id."""

    @override
    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        handle, call = super().get_route_handler(), self.name

        async def answer_all(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _sealed(request, call, None, [_of_place(one) for one in error.errors()])
            except SwitchedOffError:
                raise core.NotFoundError from None
            except MosipError as error:
                said = {"errorCode": error.error_code, "message": str(error)}
                return _sealed(request, call, None, [said])
            except _OURS:
                raise
            except core.MawidError as error:
                return _sealed(request, call, None, _refused(request, error))

        return answer_all


def _of_place(error: Mapping[str, Any]) -> dict[str, str]:
    place = ".".join(str(part) for part in error["loc"] if part not in {"body", "query"})
    return {"errorCode": INVALID_BODY, "message": f"{place or 'request'}: {error['msg']}"}


def _refused(request: Request, error: core.MawidError) -> list[dict[str, str]]:
    words = words_of(request)
    if fields := field_problems(error, words):
        return [{"errorCode": INVALID_BODY, "message": f"{one['field']}: {one['detail']}"} for one in fields]
    code = next((_CODES[cls] for cls in type(error).__mro__ if cls in _CODES), f"MAWID_{error.code.upper()}")
    return [{"errorCode": code, "message": f"{words.gettext(kind_of(error).title)}. {detail_of(error, words)}"}]
