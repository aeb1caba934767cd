"""The body that each route may have: one table by kind of content.

What a route reads is declared where it is read (``@reads``) or is its JSON model, so `body_of` finds it for every
route; a route that declares nothing can read nothing (`api.door.admission`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from api.errors import UnreadableBodyError, UnsupportedMediaTypeError
from booking.people.evidence.accept import LARGEST_FILE
from booking.people.evidence.kinds import TAKEN

KIB: Final = 1024
MIB: Final = 1024 * KIB
JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
PART_TYPE: Final = "application/offset+octet-stream"


@dataclass(frozen=True, slots=True)
class Body:
    """What a body may be.

    Attributes
    ----------
    types
        Media types that it may be declared as.
    largest
        Bytes in all, stated or sent.
    most_fields, largest_field
        Of a form, the latter in bytes as they are sent; a file is not a field.
    deepest, most_items
        Of JSON: brackets within brackets; values, and names of values, in all.
    from_strangers
        It is read before it is known who sends it: what was typed is kept over a sign-in.
    """

    types: frozenset[str]
    largest: int
    most_fields: int = 0
    largest_field: int = 0
    deepest: int = 0
    most_items: int = 0
    from_strangers: bool = False


NOTHING: Final = Body(types=frozenset({JSON_TYPE}), largest=0)
"""Nothing is read; programs may send ``{}`` where nothing is asked for."""
JSON: Final = Body(types=frozenset({JSON_TYPE}), largest=64 * KIB, deepest=16, most_items=4_000)
SIGNED: Final = Body(types=frozenset({JSON_TYPE}), largest=64 * KIB)
"""JSON of another machine, whose signature over the exact bytes is checked before they are parsed."""
SIGNED_FORM: Final = Body(types=frozenset({FORM_TYPE}), largest=8 * KIB)
"""The same of a gateway that sends forms: read as one after its signature was checked."""
TOKEN_FORM: Final = Body(types=frozenset({FORM_TYPE}), largest=8 * KIB, most_fields=20, largest_field=4 * KIB)
"""What a wallet sends for a token: three fields, and what it says of itself."""
WITNESS_PART: Final = Body(types=frozenset({JSON_TYPE, ""}), largest=KIB)
"""A line of exact JSON, checked by its signature; a witness's program does not say what it is."""
NOTE: Final = Body(types=frozenset({"text/plain", "application/octet-stream", ""}), largest=64 * KIB)
"""A signed note of another machine, which need not say what it is: its signatures do."""
FILE: Final = Body(types=frozenset({"application/octet-stream", *(kind.value for kind in TAKEN)}), largest=LARGEST_FILE)
PART: Final = Body(types=frozenset({PART_TYPE}), largest=LARGEST_FILE)
FORM: Final = Body(
    types=frozenset({FORM_TYPE}), largest=64 * KIB, most_fields=200, largest_field=48 * KIB, from_strangers=True
)
RULES: Final = Body(
    types=frozenset({FORM_TYPE}), largest=256 * KIB, most_fields=20, largest_field=252 * KIB, from_strangers=True
)
"""64 KiB of rules, of which Arabic grows threefold in a form."""
FILE_FORM: Final = Body(
    types=frozenset({"multipart/form-data"}), largest=32 * MIB, most_fields=10, largest_field=16 * KIB
)
"""Three times the largest file that is taken, so that a person who sends a larger one can be told so on their page."""

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.?)*+(?:"|\Z)', re.DOTALL)  # one without an end too: read once
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPED: Final = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F])|\\.", re.DOTALL)
"""What is escaped: a pair of surrogates, half a pair (the group), or anything else, so that none is read twice."""
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_Reader = TypeVar("_Reader", bound=Callable[..., Any])
_READERS: Final[dict[Callable[..., Any], Body]] = {}
_CALLS: Final[dict[int, tuple[APIRoute, frozenset[Callable[..., Any]]]]] = {}


def reads(body: Body) -> Callable[[_Reader], _Reader]:
    """Declare what a dependency reads; of several in one route the one that may be largest holds."""

    def declare(reader: _Reader) -> _Reader:
        _READERS[reader] = body
        return reader

    return declare


def body_of(route: object) -> Body:
    """Return the body that a route may have; ``NOTHING`` where nothing declares that it reads one."""
    has_model = isinstance(route, APIRoute) and route.body_field is not None
    return _declared(calls_of(route), has_model=has_model)


@cache
def _declared(calls: frozenset[Callable[..., Any]], *, has_model: bool) -> Body:
    declared = [_READERS[call] for call in calls if call in _READERS] + [JSON] * has_model
    return max(declared, key=lambda body: body.largest, default=NOTHING)


def calls_of(route: object) -> frozenset[Callable[..., Any]]:
    """Return everything that a route calls before and when it answers."""
    if not isinstance(route, APIRoute):
        return frozenset()
    if id(route) not in _CALLS:  # routes have no hash
        _CALLS[id(route)] = route, frozenset(_calls(route.dependant))
    return _CALLS[id(route)][1]


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call is not None:
        yield dependant.call
    for one in dependant.dependencies:
        yield from _calls(one)


def body_in(request: Request) -> Body:
    """Return the body that the route of a request may have."""
    return body_of(request.scope.get("route"))


def check_type(request: Request) -> None:
    """Refuse a body of another type than the route reads; raises UnsupportedMediaTypeError."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    types = body_in(request).types
    if has_body and media_type(request) not in types:
        raise UnsupportedMediaTypeError


def media_type(request: Request) -> str:
    """Return the media type that a body is declared as, without its parameters; "" for none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_json(content: bytes, body: Body) -> None:
    """Refuse JSON that is deeper or has more values than any call needs, before anything parses it.

    Raises
    ------
    UnreadableBodyError
        It is too deep, has too many values, or is not UTF-8, in which a parser could see other brackets; or half a pair
        of surrogates is escaped in it, which no answer could say again.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableBodyError from None
    texts = (content.count(b'"') - content.count(b"\\")) // 2  # at least; found a hundred times as quickly as all
    if b"\0" in content or texts > body.most_items + 1:
        raise UnreadableBodyError
    if _SURROGATE.search(content) and any(found[1] for found in _ESCAPED.finditer(content)):
        raise UnreadableBodyError
    bare = _STRING.sub(b"0", content)
    if sum(bare.count(sign) for sign in (b",", b":", b"[", b"{")) > body.most_items:
        raise UnreadableBodyError
    depth = 0
    for sign in bare.translate(None, _NO_BRACKETS):
        depth += 1 if sign in b"[{" else -1
        if depth > body.deepest:
            raise UnreadableBodyError
