"""A page that would have to wait too long is refused in bytes that are ready, before the call is one.

Beyond what is possible nearly every call is refused, and a refusal that passes the whole application costs a tenth of a
page: at ten times as many calls nobody would be served. Here it costs what it takes to read the head and to write the
answer. Nothing else is decided here: whoever the door might let in goes on to it.
"""

from typing import Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import Request, cookie_parser

from api.deps import LANGUAGE_COOKIE, cookie_name, core_of, is_https, session_cookie, token_of
from api.door.budgets import Budgets
from api.door.headers import security_headers
from api.door.refusals import refusal
from api.errors import OverloadedError

Fields = list[tuple[bytes, bytes]]

_SAFE: Final = frozenset({b"GET", b"HEAD"})
_API: Final = b"/api/"
"""Programs get a problem document, from the door."""


class TurnedAway:
    """The answers of one application to those who are turned away, one for each language."""

    def __init__(self, app: FastAPI) -> None:
        self._app, self._core = app, app.state.core
        self._budgets: Budgets = app.state.budgets
        self._session, self._language = session_cookie(self._core.settings), LANGUAGE_COOKIE
        self._language = cookie_name(self._core.settings, LANGUAGE_COOKIE)
        self._answers: dict[str, tuple[bytes, bytes]] = {}

    def answer(self, method: bytes, target: bytes, fields: Fields, always: Fields) -> bytes | None:
        """Return the whole answer, with the fields that it ``always`` has; None where the call goes on to the door."""
        if method not in _SAFE or not self._budgets.is_crowded or target.startswith(_API):
            return None
        path = target.partition(b"?")[0].decode("latin-1")
        sent = {name: value for name, value in fields if name in {b"cookie", b"authorization"}}
        cookies = cookie_parser(sent[b"cookie"].decode("latin-1")) if b"cookie" in sent else {}
        token, _ = token_of(sent.get(b"authorization", b"").decode("latin-1"), cookies.get(self._session, ""))
        seconds = self._budgets.turn_away(path, token)
        if seconds is None:
            return None
        language = cookies.get(self._language, "")
        if language not in self._app.state.words:
            language = self._core.settings.language
        if language not in self._answers:
            self._answers[language] = self._made(language)
        head, body = self._answers[language]
        same = b"".join(b"%b: %b\r\n" % field for field in always)
        again = b"retry-after: %d\r\nrefresh: %d\r\n\r\n" % (seconds, seconds)
        return b"%b%b%b%b" % (head, same, again, body if method == b"GET" else b"")

    def _made(self, language: str) -> tuple[bytes, bytes]:
        cookie = (b"cookie", f"{self._language}={language}".encode())
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [cookie], "app": self._app, "state": {}}
        response = refusal(Request(scope), OverloadedError(0))
        headers = MutableHeaders(raw=response.raw_headers)
        del headers["retry-after"], headers["refresh"]
        for name, value in security_headers(https=is_https(core_of(Request(scope)).settings)).items():
            headers.setdefault(name, value)
        lines = b"".join(b"%b: %b\r\n" % field for field in headers.raw)
        return b"HTTP/1.1 503 Service Unavailable\r\n" + lines, bytes(response.body)
