"""What a call may refuse, as its documentation lists it."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from api import errors as web
from api.problems.documents import KINDS, MEDIA_TYPE
from booking.platform.base import errors as core
from booking.platform.base.errors import MawidError

Responses = dict[int | str, dict[str, Any]]
Errors = tuple[type[MawidError], ...]


class FieldProblem(BaseModel):
    """One field that is unusable: ``reason`` is a stable word, ``detail`` a sentence in the caller's language."""

    field: str
    reason: str
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457). ``code`` is stable; ``title`` and ``detail`` are in the language of Accept-Language."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] = []
    retry_after: int | None = None
    reasons: list[dict[str, str]] = []


ANY_CALL: Final[Errors] = (
    *(core.TooManyAttemptsError, core.BusyError),  # the budget of its class of cost, at the door
    *(web.UnavailableError, core.SessionsUnavailableError, web.UnexpectedError),
)
SIGNED_IN: Final[Errors] = (web.NotSignedInError,)
INPUT: Final[Errors] = (
    core.InvalidInputError,
    web.UnreadableBodyError,
    web.BodyTooLargeError,
    web.UnsupportedMediaTypeError,
)
NO_BODY: Final[Errors] = (web.UnsupportedMediaTypeError,)
CREATES: Final[Errors] = (*INPUT, core.IdempotencyConflictError)


def refusals(*errors: type[MawidError]) -> Responses:
    """Describe the problem documents of ``errors``, and of what any call may meet, by status."""
    by_status: dict[int, set[str]] = {}
    for error in (*ANY_CALL, *errors):
        by_status.setdefault(KINDS[error].status, set()).add(error.code)
    return {
        status: {"description": "Codes: " + ", ".join(sorted(codes)), "model": Problem}
        for status, codes in sorted(by_status.items())
    }


def as_problems(document: dict[str, Any]) -> None:
    """State the media type of refusals in an OpenAPI document, which FastAPI takes for the one of answers."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:  # noqa: PLR2004 - where HTTP's errors begin
                    content[MEDIA_TYPE] = content.pop("application/json")
