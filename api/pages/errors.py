"""The page that a person sees when something is refused or breaks."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import request_id, words_of
from api.errors import NotSignedInError
from api.pages.rendering import page
from api.problems import detail_of, extra_headers, kind_of
from booking.errors import MawidError
from booking.sign_in_errors import SecondStepOverError


def error_page(request: Request, error: MawidError) -> Response:
    """Say in words what happened and where to go on; who is not signed in goes to the sign-in page and comes back."""
    if isinstance(error, NotSignedInError):
        return RedirectResponse(f"/sign-in?next={request.url.path}", 303)
    if isinstance(error, SecondStepOverError):
        return RedirectResponse("/sign-in", 303)
    kind, words = kind_of(error), words_of(request)
    response = page(
        request,
        "error.html",
        status=kind.status,
        title=words.gettext(kind.title),
        detail=detail_of(error, words),
        request_id=request_id(request) if kind.status >= 500 else "",  # noqa: PLR2004
    )
    response.headers.update(extra_headers(error))
    return response
