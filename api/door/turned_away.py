"""A page or a form that would have to wait too long is refused in bytes that are ready, before the call is one.

Beyond what is possible nearly every call is refused, and a refusal that passes the whole application costs a tenth of a
page, one of a form a thirtieth of it: at five times as many calls little else would be done. Here it costs what it
takes to read the call and to write the answer. Nothing else is decided here: whoever the door might let in goes on to
it, and so does a form whose session this process has not served lately.
"""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import Request, cookie_parser

from api.deps import LANGUAGE_COOKIE, cookie_name, core_of, is_https, session_cookie, token_of
from api.door.budgets import Budgets
from api.door.headers import security_headers
from api.door.refusals import refusal
from api.door.typed_again import TYPED, hidden_fields, may_be_given_back
from api.errors import OverloadedError
from api.incoming.fair_queue import Rank

Fields = list[tuple[bytes, bytes]]
Answer = bytes | Callable[[bytes], bytes]
"""All of it, or what makes it of the form that was sent."""

_SAFE: Final = frozenset({b"GET", b"HEAD"})
_READ: Final = frozenset({b"cookie", b"authorization"})
_OTHERWISE_SENT: Final = frozenset({b"transfer-encoding", b"expect", b"content-encoding"})
"""Fields of a form that comes in another way than browsers send short ones."""
_API: Final = b"/api/"
"""Programs get a problem document, from the door."""
_MARK: Final = b"one=typed"
"""A form with which a page is made once; others take its place."""


class TurnedAway:
    """The answers of one application to those who are turned away: in each language, to who looks and to who sends."""

    def __init__(self, app: FastAPI) -> None:
        self._app, self._core = app, app.state.core
        self._budgets: Budgets = app.state.budgets
        self._session, self._language = session_cookie(self._core.settings), LANGUAGE_COOKIE
        self._language = cookie_name(self._core.settings, LANGUAGE_COOKIE)
        self._answers: dict[tuple[str, str, bool], tuple[bytes, bytes]] = {}
        self._always: Fields = []
        self._same = b""
        marked = Request({"type": "http", "method": "POST", "headers": [], "state": {TYPED: _MARK}})
        self._mark = hidden_fields(marked).encode()

    def answer(self, method: bytes, target: bytes, fields: Fields, always: Fields) -> Answer | None:
        """Return the answer, with the fields that it ``always`` has; None where the call goes on to the door."""
        sends = method == b"POST"
        if not (sends or method in _SAFE) or not self._budgets.is_crowded or target.startswith(_API):
            return None
        path = target.partition(b"?")[0].decode("latin-1")
        sent = {name: value for name, value in fields if name in _READ}
        cookies = cookie_parser(sent[b"cookie"].decode("latin-1")) if b"cookie" in sent else {}
        token, _ = token_of(sent.get(b"authorization", b"").decode("latin-1"), cookies.get(self._session, ""))
        language = cookies.get(self._language, "")
        if language not in self._app.state.words:
            language = self._core.settings.language
        if always is not self._always:  # the server makes them anew each second
            self._always, self._same = always, b"".join(b"%b: %b\r\n" % field for field in always)
        same = self._same
        if sends:
            return self._answer_to_form(path, token, language, fields, same)
        seconds = self._budgets.turn_away(path, "GET", token)
        if seconds is None:
            return None
        head, body = self._ready(language, "GET")
        again = b"content-length: %d\r\nretry-after: %d\r\nrefresh: %d\r\n\r\n" % (len(body), seconds, seconds)
        return b"%b%b%b%b" % (head, same, again, body if method == b"GET" else b"")

    def _answer_to_form(self, path: str, token: str, language: str, fields: Fields, same: bytes) -> Answer | None:
        request = Request({"type": "http", "method": "POST", "headers": fields, "app": self._app, "state": {}})
        if not _OTHERWISE_SENT.isdisjoint(name for name, _ in fields) or not may_be_given_back(request):
            return None
        if token and self._budgets.familiar.rank(token, "POST") is Rank.NEW:
            return None  # the door asks for it
        seconds = self._budgets.turn_away(path, "POST", token)
        if seconds is None:
            return None

        def give_back(form: bytes) -> bytes:
            request.scope["state"][TYPED] = form
            typed = hidden_fields(request).encode(errors="replace")
            head, body = self._ready(language, "POST", form=bool(typed))
            body = body.replace(self._mark, typed, 1)
            return b"%b%bcontent-length: %d\r\nretry-after: %d\r\n\r\n%b" % (head, same, len(body), seconds, body)

        return give_back

    def _ready(self, language: str, method: str, *, form: bool = False) -> tuple[bytes, bytes]:
        """Return the head, without what differs from one answer to the next, and the body."""
        key = language, method, form
        if key not in self._answers:
            self._answers[key] = self._made(language, method, form=form)
        return self._answers[key]

    def _made(self, language: str, method: str, *, form: bool) -> tuple[bytes, bytes]:
        cookie = (b"cookie", f"{self._language}={language}".encode())
        state = {TYPED: _MARK} if form else {}
        scope = {"type": "http", "method": method, "path": "/", "headers": [cookie], "app": self._app, "state": state}
        response = refusal(Request(scope), OverloadedError(0))
        headers = MutableHeaders(raw=response.raw_headers)
        del headers["retry-after"], headers["refresh"], headers["content-length"]
        for name, value in security_headers(https=is_https(core_of(Request(scope)).settings)).items():
            headers.setdefault(name, value)
        lines = b"".join(b"%b: %b\r\n" % field for field in headers.raw)
        return b"HTTP/1.1 503 Service Unavailable\r\n" + lines, bytes(response.body)
