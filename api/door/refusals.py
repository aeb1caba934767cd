"""What the door answers to a call that it does not let in: in words, and for less than the call would have cost."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.deps import is_api, request_id, words_of
from api.i18n import Words
from api.problems.documents import detail_of, extra_headers, kind_of, problem_response
from booking.base.errors import MawidError

_MOST_KEPT: Final = 64


def refusal(request: Request, error: MawidError) -> Response:
    """Return a problem document, or a page that is the same for everyone and is not made anew for each."""
    request.state.refused = error
    words = words_of(request)
    if is_api(request):
        return problem_response(error, words, request_id(request))
    kind, kept = kind_of(error), request.app.state.refusals
    key = (words.language, kind.status, detail_of(error, words))
    if key not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = _page(request, words, words.gettext(kind.title), key[-1])
    headers = {"Content-Language": words.language.value, "Vary": "Cookie", **extra_headers(error)}
    return HTMLResponse(kept[key], kind.status, headers)


def _page(request: Request, words: Words, title: str, detail: str) -> bytes:
    """Fill the page of errors for nobody in particular: no session is read, and it leads home."""
    nobody: dict[str, Any] = {
        "path": "/",
        "here": "/",
        "session": None,
        "may": set(),
        "csrf": "",
        "errors": [],
        "typing": "",
    }
    context = {**nobody, "title": title, "detail": detail, "request_id": ""}
    page: str = request.app.state.renderer.render(words, "shared/error.html", context)
    return page.encode()
