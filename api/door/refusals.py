"""What the door answers to a call that it does not let in: in words, and for less than the call would have cost.

A page holds what was typed (`api.door.typed_again`), so that it can be sent again. One that was only to be looked at
is asked for again by itself, when there may be room: whoever waits has nothing to do, and each comes at another moment.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.deps import is_api, request_id, words_of
from api.door.familiar import SAFE
from api.door.typed_again import hidden_fields
from api.i18n import Words
from api.problems.documents import UNAVAILABLE, detail_of, extra_headers, kind_of, problem_response
from booking.platform.base.errors import MawidError

_MOST_KEPT: Final = 64
_PLACE: Final = "the fields that were typed"
"""Where they go in a page that is kept without them."""


def refusal(request: Request, error: MawidError) -> Response:
    """Return a problem document, or a page that is the same for everyone and is not made anew for each."""
    request.state.refused = error
    words = words_of(request)
    if is_api(request):
        return problem_response(error, words, request_id(request))
    kind, kept, fields = kind_of(error), request.app.state.refusals, hidden_fields(request)
    headers = {"Content-Language": words.language.code, "Vary": "Cookie", **extra_headers(error)}
    comes_back = request.method in SAFE and kind.status == UNAVAILABLE and "Retry-After" in headers
    if comes_back:
        headers["Refresh"] = headers["Retry-After"]
    key = (words.language.code, kind.status, bool(fields), comes_back, detail_of(error, words))
    if key not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        again = _PLACE if fields else ""
        kept[key] = _page(
            request, words, title=words.gettext(kind.title), detail=key[-1], again=again, comes_back=comes_back
        )
    page = kept[key].replace(_PLACE.encode(), fields.encode(errors="replace"), 1)
    return HTMLResponse(page, kind.status, headers)


def _page(request: Request, words: Words, **shown: str | bool) -> bytes:
    """Fill the page of errors for nobody in particular: no session is read, so none is spoken of, and it leads home."""
    nobody: dict[str, Any] = {
        "path": "/",
        "here": "/",
        "session": None,
        "visitor_unread": True,
        "may": set(),
        "csrf": "",
        "errors": [],
        "typing": "",
        "banner": None,
        "tour": None,
    }
    context = {**nobody, **shown, "request_id": ""}
    page: str = request.app.state.renderer.render(words, "shared/error.html", context)
    return page.encode()
