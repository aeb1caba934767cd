"""Parsers of what a caller sends besides a route's own content: bodies, ranges, languages, addresses, parts."""

import asyncio
import json
from contextlib import suppress
from functools import cache
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any, Final

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request

from api import pages
from api.errors import (
    BodyTooLargeError,
    ForeignOriginError,
    StaleFormError,
    UnreadableBodyError,
    UnsupportedMediaTypeError,
)
from api.i18n import load_words, preferred
from api.incoming.bodies import FILE_FORM, FORM, JSON, Body, body_of, check_json, check_type
from api.incoming.client_address import passed_on
from api.outgoing.ranges import part_of
from api.pages.shared.forms import read_form
from api.pages.shared.own_origin import check_origin, safe_path
from api.pages.shared.uploads import posted_file
from api.v1.incoming_sms import SmsIn
from benchmarks.hostile_inputs.target import Target, header
from benchmarks.hostile_inputs.tokens import SITE
from tests.support.country import cheap_settings

SIZE: Final = 1000
TRUSTED: Final = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
ACCOUNT: Final[Any] = SimpleNamespace(visit=SimpleNamespace(by_cookie=True), session=SimpleNamespace(csrf="t"))


@cache
def _route(body: Body) -> APIRoute:
    return next(one.route for one in iter_route_contexts(pages.router.routes) if body_of(one.route) is body)


def _request(data: bytes, body: Body, **usual: str) -> Request:
    """Make a request: lines of headers, an empty line, and the body; what headers it lacks are usual ones."""
    head, _, content = data.partition(b"\n\n")
    sent = dict(one.partition(": ")[::2] for one in header(head.replace(b"\n", b"\x85")).split("\x85"))
    named = {"host": "mawid.example", "origin": "https://mawid.example"} | usual | sent
    unread = [content[:333], content[333:]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": unread.pop(0) if unread else b"", "more_body": bool(unread)}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()],
        "client": ("10.0.0.1", 1),
        "scheme": "https",
        "server": ("mawid.example", 443),
        "app": SimpleNamespace(state=SimpleNamespace(core=SITE)),
        "route": _route(body),
        "state": {},
    }
    return Request(scope, receive)


def _multipart(data: bytes) -> None:
    usual = {"content-type": "multipart/form-data; boundary=x"}
    asyncio.run(posted_file(_request(data, FILE_FORM, **usual), ACCOUNT))


def _form(data: bytes) -> None:
    usual = {"content-type": "application/x-www-form-urlencoded"}
    asyncio.run(read_form(_request(data, FORM, **usual)))


def _json(data: bytes) -> None:
    check_json(data, JSON)
    with suppress(ValueError):
        SmsIn.model_validate_json(data)
    with suppress(ValueError):
        json.loads(data)


def _headers(data: bytes) -> None:
    request = _request(data, FORM)
    part = part_of(request, '"tag"', SIZE)
    if part is not None and not 0 <= len(part) <= SIZE:
        raise AssertionError(part)
    if part and not (part.start >= 0 and part.stop <= SIZE):
        raise AssertionError(part)
    preferred(request.headers.get("accept-language"), _languages(), "ar")
    passed_on(request, TRUSTED)
    safe_path(request.headers.get("next", ""))
    str(request.url.path)
    for check in (lambda: check_type(request), lambda: check_origin(request, "https://mawid.example")):
        with suppress(UnsupportedMediaTypeError, ForeignOriginError):
            check()


@cache
def _languages() -> Any:
    return load_words(cheap_settings(), ("ar", "en", "ku", "ckb"))


PART: Final = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
MULTIPART: Final = "\n\n" + PART.format("csrf", "", "t") + PART.format("file", '; filename="a.jpg"', "é") + "--x--\r\n"


def targets() -> tuple[Target, ...]:
    """Return the targets."""
    return (
        Target(
            "multipart",
            _multipart,
            (UnsupportedMediaTypeError, UnreadableBodyError, ForeignOriginError, StaleFormError, BodyTooLargeError),
            (
                MULTIPART.encode(),
                b"content-type: multipart/form-data; boundary=y\n\n--y\r\n\r\n--y--",
                b"content-type: multipart/form-data; boundary=x; charset=utf-7" + MULTIPART.encode(),
                MULTIPART.replace("filename=", "filename*=utf-8''").encode(),
            ),
            (
                b"--x",
                b"--x--",
                b"\r\n",
                b"Content-Disposition: form-data; ",
                b"filename=",
                b"name=",
                b"boundary=",
                b"charset=",
            ),
        ),
        Target(
            "form-bodies",
            _form,
            (UnsupportedMediaTypeError, UnreadableBodyError, BodyTooLargeError),
            (b"\n\ncsrf=t&name=%D8%A3%D9%85%D9%84&a=1&a=2", b"content-type: text/plain\n\na"),
            (b"&", b"=", b"%00", b"%", b"%ED%A0%80", b"+", b";"),
        ),
        Target(
            "json",
            _json,
            (UnreadableBodyError,),
            (b'{"id":"1","from":"+963933112233","text":"status"}', b'[[1,2.5e3,"\\u0627\\ud83d\\ude00",null,true]]'),
            (b'"', b"\\", b"\\ud800", b"[", b"{", b"1e999", b"-", b"NaN", b"\xff\xfe"),
        ),
        Target(
            "headers",
            _headers,
            (),
            (
                b'range: bytes=0-9\nif-range: "tag"\naccept-language: ku,ar;q=0.5\nx-forwarded-for: 1.2.3.4, [::1]:80',
                b"range: bytes=-5\nx-forwarded-for: ::ffff:10.0.0.1%eth0\nnext: /me?a=b\norigin: null",
                b"content-type: application/x-www-form-urlencoded; charset=x\ncontent-length: 12",
            ),
            (
                b"bytes=",
                b"-",
                b",",
                b";q=",
                b"nan",
                b"inf",
                b"range: ",
                b"next: ",
                b"//",
                b"[::",
                b"\xb2",
                b"x-forwarded-for: ",
                b"host: ",
            ),
            longest=8192,
        ),
    )
