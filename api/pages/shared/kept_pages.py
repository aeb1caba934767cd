"""Public pages, filled once for all who look at them within seconds; what is one visitor's own is put in afterwards.

What a kept page is filled with cannot be personal: in the place of the session stands somebody who is signed in or not,
and of whom nothing else is known. The token of forms is a mark in the kept page, and each answer has its visitor's own
there. What is shown once (what an action did, a demonstration's tour) and an address with a query are never kept.
"""

import gzip
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.deps import cookie_name, core_of, given_visit, words_of
from api.i18n import Words
from api.outgoing.caching import is_known, tag_of
from api.outgoing.short_cache import ShortCache
from api.pages.shared.banners import BANNER_COOKIE
from api.pages.shared.forms import begin_session
from api.pages.shared.frame import Somebody
from api.pages.shared.rendering import allowed, answer_page, filled, page
from api.pages.shared.tour import TOUR_COOKIE
from booking.country.core.session_data import SessionData
from booking.platform.base.errors import SessionsUnavailableError

MOST: Final = 300
"""Pages that a process keeps; each has some 15 KB, and again a third of that compressed."""
ONCE: Final = (BANNER_COOKIE, TOUR_COOKIE)
_SHORTEST: Final = 1_000
"""Bytes from which on a page is compressed."""

MakeContext = Callable[[], dict[str, Any]]
MakeOwn = Callable[[SessionData | None], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page in pieces, between which the visitor's token belongs; compressed too where there is only one."""

    pieces: tuple[bytes, ...]
    compressed: bytes
    tag: str


class KeptPages:
    """What a process keeps of public pages: what they say, and each filled for those whom it looks alike to."""

    def __init__(self, *, lifetime: timedelta) -> None:
        self.said = ShortCache[dict[str, Any]](lifetime=lifetime, most=MOST)
        self.filled = ShortCache[Kept](lifetime=lifetime, most=MOST)
        self.mark = secrets.token_urlsafe(32)
        """Stands in a kept page for the token of forms."""


async def kept_page(
    request: Request, template: str, make: MakeContext, *, own: MakeOwn | None = None, with_form: bool = False
) -> Response:
    """Answer with a public page, filled for this visitor or some others in the last seconds.

    Parameters
    ----------
    make
        What the page says to everybody, read in a thread; it may know nothing of the request but its address and its
        language.
    own
        What it says beyond that to who is signed in; then theirs is filled for them alone.
    with_form
        It has a form that is sent to us, for which each visitor needs a session.
    """
    words, pages, now = words_of(request), _pages(request), core_of(request).clock.now()
    session = await _session(request, begin=with_form)
    signed_in = session is not None and session.account_id is not None
    address = request.scope["path"], words.language.code
    if (own is not None and signed_in) or not _may_be_kept(request):
        said = await (run_in_threadpool(make) if _has_query(request) else pages.said.get(address, now, make))
        return page(request, template, **said | (await own(session) if own else {}))
    somebody = Somebody("somebody" if signed_in else None, allowed(session))
    kept = await pages.filled.get((*address, somebody), now, lambda: _fill(request, template, words, somebody, make()))
    if len(kept.pieces) > 1 or signed_in:
        return answer_page(request, (session.csrf if session else "").encode().join(kept.pieces), words)
    return _tagged(request, kept, words)


def _pages(request: Request) -> KeptPages:
    return cast("KeptPages", request.app.state.kept_pages)


async def _session(request: Request, *, begin: bool) -> SessionData | None:
    """Return the visitor's session, begun where it has to be; None while the store is away."""
    try:
        visit = await given_visit(request)
        if visit is None and begin:
            return await run_in_threadpool(begin_session, request)
    except SessionsUnavailableError:
        request.state.visit = None
        return None
    return visit.session if visit else None


def _may_be_kept(request: Request) -> bool:
    settings = core_of(request).settings
    return not _has_query(request) and not any(cookie_name(settings, one) in request.cookies for one in ONCE)


def _has_query(request: Request) -> bool:
    return bool(request.scope["query_string"])


def _fill(request: Request, template: str, words: Words, somebody: Somebody, said: dict[str, Any]) -> Kept:
    mark = _pages(request).mark
    given = {"session": somebody, "may": somebody.may, "csrf": mark, "banner": None, "tour": None}
    content = filled(request, template, words, given | said).encode()
    pieces = tuple(content.split(mark.encode()))
    compressed = gzip.compress(content, mtime=0) if len(pieces) == 1 and len(content) >= _SHORTEST else b""
    return Kept(pieces, compressed, tag_of(content))


def _tagged(request: Request, kept: Kept, words: Words) -> Response:
    """Answer with a page in which nothing is anyone's own, so that a browser may keep it and ask whether it holds."""
    zipped = bool(kept.compressed) and "gzip" in request.headers.get("accept-encoding", "")
    tag = f'{kept.tag[:-1]}-gzip"' if zipped else kept.tag
    known = is_known(request, tag)
    answer = answer_page(request, b"" if known else kept.compressed if zipped else kept.pieces[0], words)
    answer.headers.update({"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Encoding"})
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    if known:
        answer.status_code = 304
        del answer.headers["Content-Length"]
    return answer
